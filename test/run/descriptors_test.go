package run

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

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
	if os.Geteuid() != 0 {
		return // the init is not traceable: nobody but root sees its descriptors
	}
	// keg returns when the init is ready, which is just before it closes the rest.
	const want = "3 exec.fifo, 4 start.fifo"
	got := descriptorsOf(string(pid))
	for i := 0; got != want && i < 200; i++ {
		time.Sleep(10 * time.Millisecond)
		got = descriptorsOf(string(pid))
	}
	if got != want {
		t.Errorf("a created init holds %s", got)
	}
}

// descriptorsOf lists what a process has open beside its streams.
func descriptorsOf(pid string) string {
	var list []string
	for fd := 3; fd < 64; fd++ {
		if target, err := os.Readlink("/proc/" + pid + "/fd/" + strconv.Itoa(fd)); err == nil {
			list = append(list, strconv.Itoa(fd)+" "+filepath.Base(target))
		}
	}
	return strings.Join(list, ", ")
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
