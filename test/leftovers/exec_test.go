package leftovers

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// TestKilledExec kills keg, or the process that it sends into a container,
// after every n-th system call: the container then holds no process but its
// own, unless the program had started.
func TestKilledExec(t *testing.T) {
	for name, change := range map[string]func(*oci.Spec){"default": func(*oci.Spec) {}, "staged": staged} {
		for who, flags := range map[victim][]string{kegItself: nil, theInit: {"--detach"}} {
			t.Run(name+" "+strconv.Itoa(int(who)), func(t *testing.T) {
				b := bundle(t, change)
				b.Spec.Process.Args = []string{"sleep", "1000"}
				b.Write()
				sweepExec(t, b, who, flags)
			})
		}
	}
}

func sweepExec(t *testing.T, b *kegtest.Bundle, who victim, flags []string) {
	before := kegtest.Leftovers()
	if r := b.Keg("run", "-d", "--no-new-keyring", "--bundle", b.Dir, b.ID()); r.Code != 0 {
		t.Fatal(r.Stderr)
	}
	args := append(append([]string{"--root", b.Root, "exec"}, flags...), b.ID(), "sh", "-c", "echo > /data/mark; exec sleep 0.01")
	first := 1 + rand.IntN(step())
	for n := first; ; n += step() {
		got := killAfter(t, who, n, kegtest.Keg(t), args...)
		checkExec(t, b, who, n, got)
		if t.Failed() || !got.killed {
			t.Logf("from call %d to %d of %d", first, n, got.calls)
			if got.calls < 10 {
				t.Errorf("the victim made %d calls only: nothing was tested", got.calls)
			}
			break
		}
	}
	clear(t, b, scene{name: "exec"}, 0, before)
}

func checkExec(t *testing.T, b *kegtest.Bundle, who victim, n int, got outcome) {
	t.Helper()
	mark := filepath.Join(b.Dir, "rootfs/data/mark")
	left := inside(t, b)
	for end := time.Now().Add(time.Minute); left != "1" && time.Now().Before(end); left = inside(t, b) {
	}
	if left != "1" {
		t.Errorf("after call %d: in the container: %s", n, left)
	}
	_, err := os.Stat(mark)
	ran := !errors.Is(err, os.ErrNotExist)
	os.Remove(mark)
	if who != theInit || !got.killed {
		return
	}
	// With 0 it was killed as the program already.
	if got.code != 0 && (ran || got.code != 255 || !strings.Contains(got.output, "the process was killed by signal 9")) {
		t.Errorf("after call %d: the program ran: %v, exit status %d: %s", n, ran, got.code, got.output)
	}
}

// inside lists the processes of the container's pid namespace, by its own
// numbers.
func inside(t *testing.T, b *kegtest.Bundle) string {
	t.Helper()
	_, rest, _ := strings.Cut(b.Keg("state", b.ID()).Stdout, `"pid": `)
	digits, _, _ := strings.Cut(rest, ",")
	namespace, err := os.Readlink("/proc/" + digits + "/ns/pid_for_children")
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	all, _ := filepath.Glob("/proc/[0-9]*")
	for _, dir := range all {
		if ns, err := os.Readlink(dir + "/ns/pid"); err != nil || ns != namespace {
			continue
		}
		text, _ := os.ReadFile(dir + "/status")
		_, line, _ := strings.Cut(string(text), "\nNSpid:")
		line, _, _ = strings.Cut(line, "\n")
		if pids := strings.Fields(line); len(pids) > 0 {
			list = append(list, pids[len(pids)-1])
		}
	}
	return strings.Join(list, " ")
}
