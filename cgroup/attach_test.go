package cgroup

import (
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// What a thread clones while it is in the cgroups is born there, and so is
// what is cloned into the unified one.
func TestEnter(t *testing.T) {
	l := needsCgroups(t)
	c := create(t, l)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before := threadCgroups(t)
	leave, err := c.Enter()
	if err != nil {
		t.Fatal(err)
	}
	born, err := bornIn(c)
	if err != nil {
		t.Error(err)
	}
	for _, d := range c.dirs {
		if line := ":" + d.Controllers + ":" + d.Path + "\n"; !strings.Contains(born, line) {
			t.Errorf("%q is not in\n%s", line, born)
		}
	}
	if err := leave(); err != nil {
		t.Fatal(err)
	}
	if after := threadCgroups(t); after != before {
		t.Errorf("the thread was in\n%sand is in\n%s", before, after)
	}
	if err := c.Remove(); err != nil {
		t.Error(err)
	}
}

func threadCgroups(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("/proc/thread-self/cgroup")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func bornIn(c *Cgroup) (string, error) {
	fd, err := c.FD()
	if err != nil {
		return "", err
	}
	cmd := exec.Command("/bin/cat", "/proc/self/cgroup")
	if fd >= 0 {
		defer syscall.Close(fd)
		cmd.SysProcAttr = &syscall.SysProcAttr{UseCgroupFD: true, CgroupFD: fd}
	}
	out, err := cmd.Output()
	return string(out), err
}

func TestEnterFails(t *testing.T) {
	l := needsCgroups(t)
	c := create(t, l)
	c.dirs = append(c.dirs, Dir{"broken", "/sys/fs/cgroup/none", "/x"})
	defer func() { c.dirs = c.dirs[:len(c.dirs)-1] }()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before := threadCgroups(t)
	if _, err := c.Enter(); err == nil || !strings.Contains(err.Error(), "/sys/fs/cgroup/none/x/tasks") {
		t.Errorf("error %v", err)
	}
	if after := threadCgroups(t); after != before {
		t.Errorf("the thread was in\n%sand is in\n%s", before, after)
	}
}

func BenchmarkEnterLeave(b *testing.B) {
	l := needsCgroups(b)
	dirs, _ := Path(l, "", uniqueName())
	c, err := Create(dirs)
	if err != nil {
		b.Fatal(err)
	}
	defer c.Remove()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for b.Loop() {
		leave, err := c.Enter()
		if err != nil {
			b.Fatal(err)
		}
		if err := leave(); err != nil {
			b.Fatal(err)
		}
	}
}
