package run

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

// A created init keeps its streams and the two FIFOs, whatever keg's caller had
// open and whatever the set-up needed: others may come to look at it.
func TestCreatedInitHoldsLittle(t *testing.T) {
	b := kegtest.NewBundle(t, "true")
	b.Write()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	cmd := exec.Command(kegtest.Keg(t), "--root", b.Root, "create", "--bundle", b.Dir, "--pid-file", filepath.Join(b.Dir, "pid"), b.ID())
	cmd.ExtraFiles = make([]*os.File, 30) // of which only the last is open: 32, out of dup2's way
	cmd.ExtraFiles[29] = w
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	defer b.Keg("delete", "-f", b.ID())
	w.Close()
	if n, err := r.Read(make([]byte, 1)); n != 0 || err == nil {
		t.Errorf("read %d bytes, %v; the pipe of keg's caller should have ended", n, err)
	}
	pid, err := os.ReadFile(filepath.Join(b.Dir, "pid"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for fd := range 64 {
		target, err := os.Readlink("/proc/" + string(pid) + "/fd/" + strconv.Itoa(fd))
		if err == nil && fd > 2 {
			got = append(got, strconv.Itoa(fd)+" "+filepath.Base(target))
		}
	}
	if os.Geteuid() != 0 {
		return // the init is not traceable: nobody but root sees its descriptors
	}
	if s := strings.Join(got, ", "); s != "3 exec.fifo, 4 start.fifo" {
		t.Errorf("a created init holds %s", s)
	}
}

// Others' state is not acted on: it names the pid that delete -f would kill.
func TestOthersState(t *testing.T) {
	kegtest.NeedRoot(t)
	root := filepath.Join(kegtest.TempDir(t), "state")
	planted := filepath.Join(root, "planted")
	if err := os.MkdirAll(planted, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(planted, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	r := kegtest.Command(t, "", "--root", root, "delete", "-f", "planted")
	if want := "keg: " + planted + " belongs to user 65534: not a container of yours (hint: --root names another directory)\n"; r.Code != 1 || r.Stderr != want {
		t.Errorf("exit status %d\n%s\nwant\n%s", r.Code, r.Stderr, want)
	}
}
