package conformance

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/keg-project/keg/test/kegtest"
)

// contender is keg or a peer.
type contender struct{ name, path string }

var peers = []string{"runc", "crun"}

func contenders(t *testing.T) []contender {
	t.Helper()
	keg, err := filepath.Abs(kegtest.Keg(t))
	if err != nil {
		t.Fatal(err)
	}
	list := []contender{{"keg", keg}}
	for _, name := range peers {
		path, err := exec.LookPath(name)
		if err != nil {
			t.Fatalf("%v: test/setup installs it", err)
		}
		list = append(list, contender{name, path})
	}
	return list
}

// job is a program on a runtime, with a directory of its own.
type job struct {
	program string
	contender
	dir string
}

// The programs call $RUNTIME, which is this script: the runtime keeps its state in
// the job's directory, and the ids that it was ever asked to create are known. crun
// 1.8 takes no version of the specification but 1.0.
const script = `#!/bin/sh
echo "$@" >>%[1]s/calls
if [ %[2]s = crun ]; then
	for word; do
		if [ "$last" = --bundle ]; then sed -i 's/"ociVersion": *"1\.3\.0"/"ociVersion": "1.0.2"/' "$word/config.json"; fi
		last=$word
	done
fi
exec %[3]s --root %[1]s/state "$@"
`

// crun takes a machine with both kinds of hierarchies for one with the unified alone.
const withoutUnified = `umount /sys/fs/cgroup/unified 2>/dev/null; exec "$@"`

const asIs = `exec "$@"`

// command is the program in a mount namespace of its own: what it mounts ends with it.
func (j job) command(programs string) *exec.Cmd {
	world := asIs
	if j.name == "crun" {
		world = withoutUnified
	}
	cmd := exec.Command("unshare", "-m", "--propagation", "private", "sh", "-c", world, "sh", filepath.Join(programs, j.program))
	cmd.Dir = programs
	cmd.Env = append(os.Environ(), "RUNTIME="+filepath.Join(j.dir, j.name), "TMPDIR="+j.dir)
	return cmd
}

// racing are programs that race with their own containers, and why: each has some
// attempts on any runtime.
var racing = map[string]string{
	"killsig": "it sends the signal once the container runs, be it before its shell has set the trap",
	"pidfile": "it kills its container, be it before that has ended by itself",
}

// run runs the program until it says what is written down: one that races five times,
// another one twice, since each has limits of seconds.
func (j job) run(t *testing.T, programs, want string) Report {
	t.Helper()
	attempts := 2
	if racing[j.program] != "" {
		attempts = 5
	}
	r := j.try(t, programs)
	for n := 1; n < attempts && r.String() != want; n++ {
		t.Logf("%s on %s: %s; it was: %s; once more", j.program, j.name, r, want)
		r = j.try(t, programs)
	}
	return r
}

// try runs the program to its end, and ends what it has left behind. What keg
// leaves when all is deleted is a failure of keg's.
func (j job) try(t *testing.T, programs string) Report {
	t.Helper()
	if err := os.WriteFile(filepath.Join(j.dir, j.name), fmt.Appendf(nil, script, j.dir, j.name, j.path), 0o755); err != nil {
		t.Error(err)
	}
	stdout, stderr, exit, err := j.finish(j.command(programs))
	if err != nil {
		t.Errorf("%s on %s: %v", j.program, j.name, err)
	}
	ids := j.ids()
	for _, id := range ids {
		exec.Command(filepath.Join(j.dir, j.name), "delete", "--force", id).Run()
	}
	if left := j.left(ids); len(left) > 0 && j.name == "keg" {
		t.Errorf("%s: left behind: %q", j.program, left)
	}
	return read(stdout, stderr, exit)
}

// patience is more than any program needs.
const patience = 5 * time.Minute

// finish keeps what the command prints in files: a pipe would be held open by what
// it leaves behind.
func (j job) finish(cmd *exec.Cmd) (stdout, stderr string, exit int, err error) {
	var files [2]*os.File
	for i, name := range []string{"stdout", "stderr"} {
		if files[i], err = os.Create(filepath.Join(j.dir, name)); err != nil {
			return "", "", -1, err
		}
		defer files[i].Close()
	}
	cmd.Stdout, cmd.Stderr = files[0], files[1]
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return "", "", -1, err
	}
	timer := time.AfterFunc(patience, func() { syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
	defer timer.Stop()
	cmd.Wait()
	var text [2][]byte
	for i, f := range files {
		if text[i], err = os.ReadFile(f.Name()); err != nil {
			return "", "", -1, err
		}
	}
	return string(text[0]), string(text[1]), cmd.ProcessState.ExitCode(), nil
}

// ids are those of the containers that the program asked for.
func (j job) ids() []string {
	calls, _ := os.ReadFile(filepath.Join(j.dir, "calls"))
	var list []string
	for line := range strings.Lines(string(calls)) {
		words := strings.Fields(line)
		if id := words[len(words)-1]; words[0] == "create" && !strings.Contains(id, "/") && !slices.Contains(list, id) {
			list = append(list, id)
		}
	}
	return list
}

// left finds the containers' cgroups. Their parents, and those that the program has
// made itself, are nobody's: they are removed like everything else. The kernel may
// need a moment to empty them.
func (j job) left(ids []string) []string {
	own := func(path string) bool {
		name := filepath.Base(path)
		return slices.Contains(ids, name) || strings.HasPrefix(j.program, "linux_cgroups_") &&
			(strings.HasSuffix(path, "/testdir/cgrouptest/container") || name == "cgrouptest" && !strings.Contains(path, "/testdir/"))
	}
	most := 5 * time.Second
	if j.name == "keg" {
		most = time.Minute
	}
	deadline := time.Now().Add(most)
	left := cgroups(own)
	for len(left) > 0 && time.Now().Before(deadline) {
		time.Sleep(10 * time.Millisecond)
		left = cgroups(own)
	}
	others := func(path string) bool {
		return strings.Contains(path, "/testdir") || strings.HasSuffix(path, "/cgrouptest")
	}
	if !named(j.program) {
		return left
	}
	for _, dir := range slices.Backward(cgroups(func(path string) bool { return own(path) || others(path) })) {
		os.Remove(dir)
	}
	return left
}

// cgroups finds some, parents before children.
func cgroups(are func(path string) bool) []string {
	var found []string
	filepath.WalkDir("/sys/fs/cgroup", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && are(path) {
			found = append(found, path)
		}
		return nil
	})
	return found
}
