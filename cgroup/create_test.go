package cgroup

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
)

func TestCreateRemove(t *testing.T) {
	layouts(t, func(t *testing.T, l Layout) {
		c := create(t, l)
		if got := exist(c); len(got) != len(l.Hierarchies) {
			t.Fatalf("made %v", got)
		}
		pid := occupy(t, c)
		if pids, err := c.Procs(false); err != nil || !slices.Equal(pids, []int{pid}) {
			t.Errorf("processes %v, %v, want %d", pids, err, pid)
		}
		if err := c.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := c.Remove(); err != nil {
			t.Fatal(err)
		}
		if got := exist(c); len(got) > 0 {
			t.Errorf("left %v", got)
		}
		if err := c.Remove(); err != nil {
			t.Errorf("again: %v", err)
		}
	})
}

// Parents are made, and stay: they belong to whoever named them.
func TestCreateParents(t *testing.T) {
	layouts(t, func(t *testing.T, l Layout) {
		top := uniqueName()
		c, err := Create(pathOf(t, l, "/"+top+"/mid/leaf", "box"))
		if err != nil {
			t.Fatal(err)
		}
		parents, err := Load(pathOf(t, l, "/"+top, "box"))
		if err != nil {
			t.Fatal(err)
		}
		cleanUp(t, parents)
		occupy(t, c)
		if err := c.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := c.Remove(); err != nil {
			t.Fatal(err)
		}
		for _, d := range c.dirs {
			if _, err := os.Stat(path.Dir(d.Name())); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestCreateRefusesOccupied(t *testing.T) {
	layouts(t, func(t *testing.T, l Layout) {
		c := create(t, l)
		pid := spawn(t, "exec sleep 100")
		sub(t, c, "below/deep", pid)
		for _, try := range []func() error{
			func() error { _, err := Create(c.Dirs()); return err },
			func() error { return Vacant(c.Dirs()) },
		} {
			err := try()
			if !errors.Is(err, ErrNotEmpty) || !strings.Contains(err.Error(), c.dirs[0].Name()+":") {
				t.Errorf("error %v", err)
			}
		}
		if pids, _ := c.Procs(true); !slices.Equal(pids, []int{pid}) {
			t.Errorf("processes now %v, want %d", pids, pid)
		}
	})
}

func TestCreateRefusesFrozen(t *testing.T) {
	layouts(t, func(t *testing.T, l Layout) {
		c := create(t, l)
		if !hasFreezer(c) {
			t.Skip("no freezer")
		}
		freezeAll(t, c, true)
		below := slices.Clone(c.Dirs())
		for i := range below {
			below[i].Path += "/new/leaf"
		}
		for _, dirs := range [][]Dir{c.Dirs(), below} {
			_, err := Create(dirs)
			i := slices.IndexFunc(c.dirs, func(d Dir) bool { return d.V2() || d.Has("freezer") })
			if !errors.Is(err, ErrFrozen) || !strings.Contains(err.Error(), c.dirs[i].Name()+":") {
				t.Errorf("error %v", err)
			}
		}
		for _, d := range c.dirs {
			if _, err := os.Stat(d.Name() + "/new"); err == nil {
				t.Errorf("%s/new was left", d.Name())
			}
		}
	})
}

func TestCreateUsesEmpty(t *testing.T) {
	layouts(t, func(t *testing.T, l Layout) {
		c := create(t, l)
		sub(t, c, "empty", 0)
		if err := Vacant(c.Dirs()); err != nil {
			t.Error(err)
		}
		if _, err := Create(c.Dirs()); err != nil {
			t.Error(err)
		}
	})
}

// A hierarchy in which nothing can be made takes the others back.
func TestCreateUndone(t *testing.T) {
	layouts(t, func(t *testing.T, l Layout) {
		name := uniqueName()
		dirs := pathOf(t, l, "/"+name+"/leaf", "box")
		dirs = append(dirs, Dir{"broken", "/proc", "/" + name})
		_, err := Create(dirs)
		if !errors.Is(err, syscall.ENOENT) || !strings.Contains(err.Error(), "/proc/"+name) {
			t.Errorf("error %v", err)
		}
		if left := leftovers(name); len(left) > 0 {
			t.Errorf("left %v", left)
		}
	})
}

// In a mount namespace where the cgroups are read-only nothing can be made,
// and the caller can tell.
func TestCreateNoPermission(t *testing.T) {
	l := needsCgroups(t)
	done := make(chan error)
	dirs := pathOf(t, l, "", uniqueName())
	go func() {
		runtime.LockOSThread() // for good: the thread ends with its namespace
		done <- createReadOnly(dirs)
	}()
	err := <-done
	if !errors.Is(err, ErrNoPermission) || !errors.Is(err, syscall.EROFS) {
		t.Errorf("error %v", err)
	}
}

func createReadOnly(dirs []Dir) error {
	if err := syscall.Unshare(syscall.CLONE_NEWNS); err != nil {
		return err
	}
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return err
	}
	for _, d := range dirs {
		const readOnly = syscall.MS_REMOUNT | syscall.MS_BIND | syscall.MS_RDONLY
		if err := syscall.Mount("", d.Mount, "", readOnly, ""); err != nil {
			return err
		}
	}
	_, err := Create(dirs)
	return err
}

// createUnprivileged is an ordinary user's keg.
func createUnprivileged(name string) int {
	l, err := Detect()
	if err == nil {
		var dirs []Dir
		if dirs, err = Path(l, "", name); err == nil {
			_, err = Create(dirs)
		}
	}
	fmt.Println(err)
	if errors.Is(err, ErrNoPermission) && errors.Is(err, syscall.EACCES) {
		return 0
	}
	return 1
}

func TestCreateUnprivileged(t *testing.T) {
	needsCgroups(t)
	name := uniqueName()
	cmd := exec.Command("/proc/self/exe", "unprivileged", name)
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.HasPrefix(string(out), ErrNoPermission.Error()+": mkdir /") {
		t.Errorf("%v: %s", err, out)
	}
	if left := leftovers(name); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

func TestMany(t *testing.T) {
	l := needsCgroups(t)
	for range 200 {
		c, err := Create(pathOf(t, l, "", uniqueName()))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Remove(); err != nil {
			t.Fatal(err)
		}
	}
	if left := leftovers(prefix); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

// dieHalfMade is a keg that is killed when half of the cgroups are made.
func dieHalfMade(name string) {
	l, _ := Detect()
	dirs, _ := Path(l, "", name)
	Create(dirs[:(len(dirs)+1)/2])
	syscall.Kill(os.Getpid(), syscall.SIGKILL)
}

func TestRemoveHalfMade(t *testing.T) {
	l := needsCgroups(t)
	name := uniqueName()
	c, err := Load(pathOf(t, l, "", name))
	if err != nil {
		t.Fatal(err)
	}
	cleanUp(t, c)
	exec.Command("/proc/self/exe", "die-half-made", name).Run()
	if got := len(exist(c)); got != (len(c.dirs)+1)/2 {
		t.Fatalf("%d cgroups were made", got)
	}
	if err := c.Kill(); err != nil {
		t.Error(err)
	}
	if err := c.Remove(); err != nil {
		t.Error(err)
	}
	if got := exist(c); len(got) > 0 {
		t.Errorf("left %v", got)
	}
}

func BenchmarkCreateRemove(b *testing.B) {
	l := needsCgroups(b)
	dirs, err := Path(l, "", uniqueName())
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		c, err := Create(dirs)
		if err != nil {
			b.Fatal(err)
		}
		if err := c.Remove(); err != nil {
			b.Fatal(err)
		}
	}
}
