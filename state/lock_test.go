package state

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// TestMain is also the other kegs of the tests below.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 {
		switch os.Args[1] {
		case "churn":
			os.Exit(churn(os.Args[2]))
		case "full-disk":
			os.Exit(fullDisk(os.Args[2]))
		case "hold":
			hold(os.Args[2])
		}
	}
	os.Exit(m.Run())
}

func self(arg ...string) *exec.Cmd {
	cmd := exec.Command("/proc/self/exe", arg...)
	cmd.Stderr = os.Stderr
	return cmd
}

// churn makes and deletes the same container over and over. The file "owner"
// is in it from the moment that it is claimed until it is given up: that it
// exists already shows two owners at one time.
func churn(root string) int {
	for range 300 {
		if err := churnOnce(root); err != nil {
			fmt.Fprintln(os.Stderr, "churn:", err)
			return 1
		}
	}
	return 0
}

func churnOnce(root string) error {
	d, err := Create(root, "box")
	if errors.Is(err, ErrExist) {
		return churnDelete(root)
	}
	if err != nil {
		return err
	}
	defer d.Close()
	f, err := os.OpenFile(d.Path("owner"), os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	f.Close()
	if err := errors.Join(d.WriteConfig(nil), d.Write(example)); err != nil {
		return err
	}
	return d.checkCurrent()
}

func churnDelete(root string) error {
	d, err := Open(root, "box")
	if errors.Is(err, ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer d.Close()
	switch err := d.Lock(time.Minute); {
	case errors.Is(err, ErrNotExist):
		return nil
	case err != nil:
		return err
	}
	if _, err := d.Read(); err != nil && !errors.Is(err, ErrNotExist) {
		return err
	}
	return d.Remove()
}

func TestCreateAgainstDelete(t *testing.T) {
	root := t.TempDir()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if err := self("churn", root).Run(); err != nil {
				t.Error(err)
			}
		})
		wg.Go(func() {
			if churn(root) != 0 {
				t.Error("churn failed")
			}
		})
	}
	wg.Wait()
}

// Of many creates of one id, one succeeds.
func TestCreateOnce(t *testing.T) {
	for range 50 {
		root := t.TempDir()
		var wg sync.WaitGroup
		var winners atomic.Int32
		for range 8 {
			wg.Go(func() {
				d, err := Create(root, "box")
				if errors.Is(err, ErrExist) {
					return
				}
				if err == nil {
					winners.Add(1)
					err = d.Write(example)
					d.Close()
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if winners.Load() != 1 {
			t.Fatalf("%d creates of one id succeeded", winners.Load())
		}
	}
}

// Someone who asks for the status at the wrong moment does not make create
// fail: BuildKit asks all the time.
func TestCreateWhileWatched(t *testing.T) {
	root := t.TempDir()
	var stop atomic.Bool
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for !stop.Load() {
				if d, err := Open(root, "box"); err == nil {
					d.Locked()
					d.Close()
				}
			}
		})
	}
	for range 500 {
		d, err := Create(root, "box")
		if err != nil {
			t.Error(err)
			break
		}
		if err := d.Remove(); err != nil {
			t.Error(err)
		}
		d.Close()
	}
	stop.Store(true)
	wg.Wait()
}

// A directory that was removed, and made anew, before the lock is had is not
// mistaken for the new one.
func TestLockRemoved(t *testing.T) {
	root := t.TempDir()
	made(t, root, "box")
	for _, again := range []bool{false, true} {
		old, err := Open(root, "box")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.RemoveAll(old.Path("")); err != nil {
			t.Fatal(err)
		}
		if again {
			made(t, root, "box")
		}
		checkError(t, old.Lock(0), ErrNotExist, `container "box" does not exist`)
		old.Close()
		if !again {
			made(t, root, "box")
		}
	}
}

// hold takes the lock, tells, and waits to be killed.
func hold(dir string) {
	root, id, _ := strings.Cut(dir, ":")
	d, err := Create(root, id)
	fmt.Println(err)
	time.Sleep(time.Minute)
	d.Close()
}

func TestLockHeld(t *testing.T) {
	root := t.TempDir()
	cmd := self("hold", root+":box")
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	line := make([]byte, 100)
	if n, _ := out.Read(line); string(line[:n]) != "<nil>\n" {
		t.Errorf("the other keg: %s", line[:n])
	}
	d, err := Open(root, "box")
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if !d.Locked() {
		t.Error("not locked")
	}
	checkError(t, d.Lock(10*time.Millisecond), ErrLocked,
		fmt.Sprintf(`"box": container is in use by another keg (process %d)`, cmd.Process.Pid))
	time.AfterFunc(20*time.Millisecond, func() { syscall.Kill(cmd.Process.Pid, syscall.SIGKILL) })
	if err := d.Lock(time.Minute); err != nil {
		t.Errorf("after its end: %v", err)
	}
	cmd.Wait()
	if d.Locked() {
		t.Error("one's own lock counts as another's")
	}
}
