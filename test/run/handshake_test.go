package run

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// Killed before any of the messages that the init waits for, keg takes the
// init with it: the container's program never starts.
func TestKilledInHandshake(t *testing.T) {
	timeNS := oci.LinuxNamespace{Type: oci.TimeNamespace}
	for _, c := range []struct {
		name  string
		sends int // messages at least: without any kill there are that many
		make  func() *kegtest.Bundle
	}{
		// go, and the answer about HOME
		{"default", 2, func() *kegtest.Bundle { return kegtest.NewBundle(t) }},
		// the same after the mappings
		{"user namespace", 3, func() *kegtest.Bundle { return userBundle(t, "") }},
		{"staged", 3, func() *kegtest.Bundle {
			b := userBundle(t, "")
			b.Spec.Linux.Namespaces = append(b.Spec.Linux.Namespaces, timeNS)
			return b
		}},
	} {
		for _, command := range []string{"create", "run"} {
			t.Run(c.name+" "+command, func(t *testing.T) {
				b := c.make()
				b.Spec.Root.Readonly = false
				b.Spec.Process.Args = []string{"sh", "-c", "echo > /data/mark"}
				if err := os.Chmod(filepath.Join(b.Dir, "rootfs/data"), 0o777); err != nil {
					t.Fatal(err)
				}
				b.Write()
				killAtSends(t, b, command, c.sends)
			})
		}
	}
}

// killAtSends kills keg at its first, second, … message until it survives.
func killAtSends(t *testing.T, b *kegtest.Bundle, command string, atLeast int) {
	t.Helper()
	mark := filepath.Join(b.Dir, "rootfs/data/mark")
	n, survived := 1, 0
	for survived < 10 {
		killed := killedAt(t, b, command, n)
		_, err := os.Stat(mark)
		ran := err == nil
		os.Remove(mark)
		if killed && ran || !killed && ran != (command == "run") {
			t.Errorf("message %d: keg killed: %v, the container's program ran: %v", n, killed, ran)
		}
		if r := b.Keg("delete", "-f", b.ID()); r.Code != 0 {
			t.Errorf("killed at message %d: delete: %s", n, r.Stderr)
		}
		// strace counts the calls of each thread: only several attempts show
		// that there is no such message.
		survived++
		if killed {
			n, survived = n+1, 0
		}
		if n > atLeast {
			return
		}
	}
	t.Errorf("keg sends %d messages only; want %d", n-1, atLeast)
}

// killedAt runs keg, with SIGKILL at its n-th sendto, and returns once the
// init has ended or waits for start.
func killedAt(t *testing.T, b *kegtest.Bundle, command string, n int) bool {
	t.Helper()
	strace, err := exec.LookPath("strace")
	if err != nil {
		kegtest.Skip(t, "no strace: run test/setup")
	}
	args := []string{"-f", "-qq", "-o", os.DevNull, "-e", "trace=sendto", "-e", "inject=sendto:signal=KILL:when=" + strconv.Itoa(n),
		kegtest.Keg(t), "--root", b.Root, command, "--bundle", b.Dir, b.ID()}
	if command == "create" {
		// strace would wait for the init, which waits for start.
		args = append([]string{"-D"}, args...)
	}
	cmd := exec.Command(strace, args...)
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
	cmd.Run()
	return !cmd.ProcessState.Success()
}

// brokenScript is a program that can be found but not executed.
func brokenScript(t *testing.T) *kegtest.Bundle {
	b := kegtest.NewBundle(t, "/data/script")
	b.Spec.Linux.Resources = nil
	inRootfs(t, b, "data/script", "#!/nowhere/sh\n", 0o755)
	return b
}

func TestStartLearnsOfFailedExecve(t *testing.T) {
	b := brokenScript(t)
	if r := background(t, b, "create"); r.Code != 0 {
		t.Fatal(r.Stderr)
	}
	r := b.Keg("start", b.ID())
	want := "keg: process.args: execute /data/script: exec: \"/data/script\": no such file or directory" +
		" (hint: the script's interpreter /nowhere/sh is missing in the container)\n"
	if r.Code != 1 || r.Stderr != want {
		t.Errorf("exit status %d\n%s\nwant:\n%s", r.Code, r.Stderr, want)
	}
	if r := b.Keg("state", b.ID()); !strings.Contains(strings.ReplaceAll(r.Stdout, " ", ""), `"status":"stopped"`) {
		t.Errorf("afterwards: %s%s", r.Stdout, r.Stderr)
	}
}

func TestCreateFindsMissingProgram(t *testing.T) {
	b := kegtest.NewBundle(t, "/data/none")
	b.Spec.Linux.Resources = nil
	r := background(t, b, "create")
	want := "keg: process.args[0]: find the program /data/none: exec: \"/data/none\": stat /data/none: no such file or directory\n"
	if r.Code != 1 || r.Stderr != want {
		t.Errorf("exit status %d\n%s\nwant:\n%s", r.Code, r.Stderr, want)
	}
}

// What a created init is: no one's to trace, a few pages, a file that cannot
// be changed.
func TestCreatedInit(t *testing.T) {
	kegtest.NeedRoot(t)
	b := kegtest.NewBundle(t, "true")
	b.Spec.Process.User = oci.User{UID: 1000, GID: 1000}
	file := filepath.Join(b.Dir, "pid")
	if r := background(t, b, "create", "--pid-file", file); r.Code != 0 {
		t.Fatal(r.Stderr)
	}
	proc := "/proc/" + read(t, file)
	expectUntraceable(t, proc)
	if n := pss(t, proc); n > 100 {
		t.Errorf("PSS %d KiB, want at most 100", n)
	}
	if exe := readLink(t, proc+"/exe"); exe != "/memfd:init (deleted)" {
		t.Errorf("exe is %s", exe)
	}
	expectSealed(t, proc+"/exe")
}

// expectUntraceable: the files of a process that is not dumpable are root's,
// and its user may not look at its memory. proc(5), ptrace(2)
func expectUntraceable(t *testing.T, proc string) {
	t.Helper()
	r := kegtest.Finish(t, exec.Command("setpriv", "--reuid", "1000", "--regid", "1000", "--clear-groups",
		"sh", "-c", `stat -c %u $0/environ; readlink $0/exe; cat $0/maps`, proc))
	if r.Stdout != "0\n" || !strings.Contains(r.Stderr, "Permission denied") {
		t.Errorf("its own user sees %q, %q", r.Stdout, r.Stderr)
	}
}

// pss is what a process adds to the machine's memory, in KiB.
func pss(t *testing.T, proc string) int {
	t.Helper()
	for line := range strings.Lines(read(t, proc+"/smaps_rollup")) {
		if rest, ok := strings.CutPrefix(line, "Pss:"); ok {
			n, err := strconv.Atoi(strings.Fields(rest)[0])
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatal("no Pss")
	return 0
}

// expectSealed: nobody can change the file, not even root. F_GET_SEALS in fcntl(2)
func expectSealed(t *testing.T, path string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	const all = 0x1 | 0x2 | 0x4 | 0x8 // F_SEAL_SEAL, SHRINK, GROW, WRITE
	if seals := getSeals(t, f); seals&all != all {
		t.Errorf("seals %#x, want %#x", seals, all)
	}
	w, err := os.OpenFile(path, os.O_RDWR, 0)
	if err == nil {
		_, err = w.Write([]byte("x"))
		err = errors.Join(err, w.Truncate(0))
		w.Close()
	}
	if err == nil {
		t.Error("it was written")
	}
}
