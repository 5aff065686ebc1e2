package cgroup

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/keg-project/keg/linux"
)

// prefix is in the name of every cgroup that these tests make. In a pid
// namespace the pid alone is not unique.
var prefix = cmp.Or(os.Getenv("KEG_TEST_PREFIX"), "keg-test-") + strconv.Itoa(os.Getpid()) + "-" + strconv.FormatInt(time.Now().UnixNano()%1e9, 36) + "-"

// TestMain fails when a test leaves a cgroup behind.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "die-half-made" {
		dieHalfMade(os.Args[2])
	}
	if len(os.Args) > 1 && os.Args[1] == "see-part" {
		seePart(os.Args[2], os.Args[3])
	}
	if len(os.Args) > 1 && os.Args[1] == "keeps-back" {
		fmt.Println(keepsBack(os.Args[2]))
		os.Exit(0)
	}
	if len(os.Args) > 1 && os.Args[1] == "unprivileged" {
		os.Exit(createUnprivileged(os.Args[2]))
	}
	code := m.Run()
	if left := leftovers(prefix); len(left) > 0 {
		fmt.Fprintln(os.Stderr, "left behind:", left)
		code = 1
	}
	os.Exit(code)
}

func leftovers(prefix string) (left []string) {
	filepath.WalkDir(mountRoot, func(name string, e os.DirEntry, err error) error {
		if err == nil && e.IsDir() && strings.HasPrefix(e.Name(), prefix) {
			left = append(left, name)
		}
		return nil
	})
	return left
}

// needsCgroups skips where the caller may not make cgroups.
func needsCgroups(t testing.TB) Layout {
	t.Helper()
	l, err := Detect()
	if err == nil && os.Geteuid() == 0 && l.Mode != None {
		return l
	}
	if os.Getenv("KEG_MUST_RUN") != "" && os.Geteuid() == 0 {
		t.Fatalf("layout %v, error %v: these tests must run", l, err)
	}
	t.Skip("needs root and cgroups")
	return l
}

// layouts are the machine's own, and its unified hierarchy as if it were
// alone: so the v2 code runs on a hybrid machine too.
func layouts(t *testing.T, test func(t *testing.T, l Layout)) {
	l := needsCgroups(t)
	t.Run(l.Mode.String(), func(t *testing.T) { test(t, l) })
	if l.Mode != Hybrid {
		return
	}
	v1 := Layout{Mode: V1}
	for _, h := range l.Hierarchies {
		if h.V2() {
			v2 := Layout{V2, []Hierarchy{h}}
			t.Run("v2", func(t *testing.T) { test(t, v2) })
		} else {
			v1.Hierarchies = append(v1.Hierarchies, h)
		}
	}
	t.Run("v1", func(t *testing.T) { test(t, v1) })
}

var serial atomic.Int64

func uniqueName() string { return prefix + strconv.FormatInt(serial.Add(1), 10) }

func pathOf(t *testing.T, l Layout, cgroupsPath, id string) []Dir {
	t.Helper()
	dirs, err := Path(l, cgroupsPath, id)
	if err != nil {
		t.Fatal(err)
	}
	return dirs
}

// create makes a cgroup and sees to it that nothing stays, whatever happens.
func create(t *testing.T, l Layout) *Cgroup {
	t.Helper()
	dirs := pathOf(t, l, "", uniqueName())
	c, err := Create(dirs)
	if err != nil {
		t.Fatal(err)
	}
	cleanUp(t, c)
	return c
}

func cleanUp(t *testing.T, c *Cgroup) {
	t.Cleanup(func() {
		if err := c.Kill(); err != nil {
			t.Error(err)
		}
		if err := c.Remove(); err != nil {
			t.Error(err)
		}
	})
}

// spawn starts a process that does nothing, outside of the cgroup.
func spawn(t *testing.T, script string) int {
	t.Helper()
	cmd := exec.Command("/bin/sh", "-c", script)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { cmd.Wait(); close(done) }()
	t.Cleanup(func() {
		cmd.Process.Kill()
		<-done
	})
	return cmd.Process.Pid
}

// attach moves a process with all its threads into every cgroup. It is the slow
// way: an init enters by itself (package plan).
func (c *Cgroup) attach(pid int) error {
	for _, d := range c.dirs {
		if err := os.WriteFile(d.Name()+"/cgroup.procs", strconv.AppendInt(nil, int64(pid), 10), 0); err != nil {
			return err
		}
	}
	return nil
}

func occupy(t *testing.T, c *Cgroup) int {
	t.Helper()
	pid := spawn(t, "exec sleep 100")
	if err := c.attach(pid); err != nil {
		t.Fatal(err)
	}
	return pid
}

// sub makes a sub-cgroup in every hierarchy and moves pid there, if it is
// not 0.
func sub(t *testing.T, c *Cgroup, name string, pid int) {
	t.Helper()
	for _, d := range c.dirs {
		d.Path += "/" + name
		if err := os.MkdirAll(d.Name(), 0o755); err != nil {
			t.Fatal(err)
		}
		if d.Has("cpuset") {
			if err := inheritCpuset(d); err != nil {
				t.Fatal(err)
			}
		}
		if pid == 0 {
			continue
		}
		if err := linux.WriteCgroupFile(cwd, d.Name()+"/cgroup.procs", []byte(strconv.Itoa(pid))); err != nil {
			t.Fatal(err)
		}
	}
}

func freezeAll(t *testing.T, c *Cgroup, frozen bool) {
	t.Helper()
	for _, d := range c.dirs {
		fd, err := linux.OpenCgroup(cwd, d.Name())
		if err != nil {
			t.Fatal(err)
		}
		err = setFrozen(fd, d, frozen)
		syscall.Close(fd)
		if err != nil {
			t.Fatal(err)
		}
	}
	if !hasFreezer(c) {
		return
	}
	eventually(t, func() bool { is, err := c.Frozen(); return err == nil && is == frozen })
}

func hasFreezer(c *Cgroup) bool {
	for _, d := range c.dirs {
		if d.V2() || d.Has("freezer") {
			return true
		}
	}
	return false
}

func eventually(t *testing.T, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("does not come true within a minute")
		}
	}
}

func exist(c *Cgroup) (names []string) {
	for _, d := range c.dirs {
		if _, err := os.Lstat(d.Name()); err == nil {
			names = append(names, d.Name())
		}
	}
	return names
}
