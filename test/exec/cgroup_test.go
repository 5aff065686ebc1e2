package exec

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/keg-project/keg/test/kegtest"
)

// cgroups are the directories that a process is in, by controllers; "" is the
// unified hierarchy's. Those that are not mounted are left out.
func cgroups(t *testing.T, pid int) map[string]string {
	t.Helper()
	dirs := map[string]string{}
	for line := range strings.Lines(read(t, proc(pid, "cgroup"))) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		name := strings.TrimPrefix(parts[1], "name=")
		if name == "" && !pureV2() {
			name = "unified"
		}
		mount := filepath.Join("/sys/fs/cgroup", name)
		if _, err := os.Stat(filepath.Join(mount, "cgroup.procs")); err == nil {
			dirs[parts[1]] = mount + parts[2]
		}
	}
	return dirs
}

func pureV2() bool {
	_, err := os.Stat("/sys/fs/cgroup/cgroup.controllers")
	return err == nil
}

// below makes a sub-cgroup of each, which goes away before the container.
func below(t *testing.T, dirs map[string]string, name string) map[string]string {
	t.Helper()
	subs := map[string]string{}
	for controllers, dir := range dirs {
		sub := filepath.Join(dir, name)
		subs[controllers] = sub
		if err := os.Mkdir(sub, 0o755); err != nil {
			t.Fatal(err)
		}
		if controllers == "cpuset" { // v1: takes no process without
			for _, file := range []string{"cpuset.cpus", "cpuset.mems"} {
				write(t, filepath.Join(sub, file), read(t, filepath.Join(dir, file)))
			}
		}
	}
	return subs
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func move(t *testing.T, pid int, dirs map[string]string) {
	t.Helper()
	for _, dir := range dirs {
		write(t, filepath.Join(dir, "cgroup.procs"), strconv.Itoa(pid))
	}
}

// inCgroups expects a process in these directories.
func inCgroups(t *testing.T, pid int, want map[string]string) {
	t.Helper()
	got := cgroups(t, pid)
	for controllers, dir := range want {
		if got[controllers] != dir {
			t.Errorf("%s: in %s, want %s", controllers, got[controllers], dir)
		}
	}
}

func kill(t *testing.T, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	within(t, time.Minute, "the killed process is gone", func() bool { return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) })
}

func TestCgroup(t *testing.T) {
	b := sleeper(t)
	inCgroups(t, detached(t, b, "sleep", "1000"), cgroups(t, initPid(t, b)))
}

// The init's sub-cgroup is followed in each hierarchy, one outside of the
// container's cgroup in none.
func TestCurrentCgroup(t *testing.T) {
	kegtest.NeedRoot(t)
	b := sleeper(t)
	init := initPid(t, b)
	own := cgroups(t, init)
	sub := below(t, own, "init.scope")
	move(t, init, sub)
	pid := detached(t, b, "sleep", "1000")
	inCgroups(t, pid, sub)
	kill(t, pid)

	for controllers, dir := range sub { // back in one, below in the others
		write(t, filepath.Join(dir, "../cgroup.procs"), strconv.Itoa(init))
		pid = detached(t, b, "sleep", "1000")
		want := map[string]string{}
		for c, d := range sub {
			want[c] = d
		}
		want[controllers] = own[controllers]
		inCgroups(t, pid, want)
		kill(t, pid)
		break
	}
	move(t, init, cgroups(t, os.Getpid()))
	pid = detached(t, b, "sleep", "1000")
	inCgroups(t, pid, own)
	kill(t, pid)
	move(t, init, own)
	for _, dir := range sub {
		if err := os.Remove(dir); err != nil {
			t.Error(err)
		}
	}
}

// The init wanders between cgroups that come and go: exec always finds a place.
func TestWanderingInit(t *testing.T) {
	kegtest.NeedRoot(t)
	b := sleeper(t)
	init := initPid(t, b)
	own := cgroups(t, init)
	var done atomic.Bool
	wandered := make(chan int)
	go func() {
		n := 0
		for ; !done.Load(); n++ {
			sub := below(t, own, "place"+strconv.Itoa(n%3))
			move(t, init, sub)
			move(t, init, own)
			for _, dir := range sub {
				for !done.Load() && errors.Is(syscall.Rmdir(dir), syscall.EBUSY) {
				}
			}
		}
		wandered <- n
	}()
	var failures []string
	for range 40 {
		if r := b.Keg("exec", b.ID(), "true"); r.Code != 0 {
			failures = append(failures, r.Stderr)
		}
	}
	done.Store(true)
	if n := <-wandered; n < 10 || len(failures) > 0 {
		t.Errorf("the init moved %d times; exec failed: %s", n, failures)
	}
}

func TestCgroupFlag(t *testing.T) {
	kegtest.NeedRoot(t)
	b := sleeper(t)
	own := cgroups(t, initPid(t, b))
	sub := below(t, own, "sub")
	pid := detachedIn(t, b, "--cgroup", "sub")
	inCgroups(t, pid, sub)
	kill(t, pid)
	pid = detachedIn(t, b, "--cgroup=/")
	inCgroups(t, pid, own)
	kill(t, pid)
	if !pureV2() {
		pid = detachedIn(t, b, "--cgroup", "pids:/sub", "--cgroup", "memory,cpu:sub")
		want := map[string]string{"freezer": own["freezer"], "pids": sub["pids"], "memory": sub["memory"], "cpu": sub["cpu"]}
		inCgroups(t, pid, want)
		kill(t, pid)
		refused(t, b.Keg("exec", "--cgroup", "sub", "--cgroup", "pids:/", b.ID(), "true"), "is to be in "+strings.TrimPrefix(sub["pids"], "/sys/fs/cgroup/pids")+" already")
	}
	for asked, want := range map[string]string{
		"none":       "/none: no such file or directory",
		"..":         `".." is not allowed`,
		"sub/../..":  `".." is not allowed`,
		"":           "empty",
		"magic:sub":  `no cgroup hierarchy has the controller "magic"`,
		"none/a:sub": `no cgroup hierarchy has the controller "none/a"`,
	} {
		refused(t, b.Keg("exec", "--cgroup", asked, b.ID(), "true"), "--cgroup "+asked+": ")
		refused(t, b.Keg("exec", "--cgroup", asked, b.ID(), "true"), want)
	}
}

// detachedIn is detached with flags.
func detachedIn(t *testing.T, b *kegtest.Bundle, flags ...string) int {
	t.Helper()
	file := filepath.Join(kegtest.TempDir(t), "pid")
	must(t, b.Keg(append(append([]string{"exec", "-d", "--pid-file", file}, flags...), b.ID(), "sleep", "1000")...))
	return number(t, read(t, file))
}

func TestNoCgroup(t *testing.T) {
	b := sleeper(t)
	if !strings.Contains(read(t, filepath.Join(b.Root, b.ID(), "state.json")), `"cgroups": []`) {
		t.Skip("who may make cgroups has one: the test is for others")
	}
	refused(t, b.Keg("exec", "--cgroup", "sub", b.ID(), "true"), "has no cgroup")
}

// A v2 cgroup whose controllers are enabled for those below takes no process:
// the init is in a leaf.
func TestControllersBelow(t *testing.T) {
	kegtest.NeedRoot(t)
	if !pureV2() {
		t.Skip("needs pure cgroup v2: the hybrid hierarchy has no controllers")
	}
	b := sleeper(t)
	init := initPid(t, b)
	own := cgroups(t, init)
	leaf := below(t, own, "leaf")
	move(t, init, leaf)
	write(t, filepath.Join(own[""], "cgroup.subtree_control"), "+pids")
	pid := detached(t, b, "sleep", "1000")
	inCgroups(t, pid, leaf)
	kill(t, pid)
	refused(t, b.Keg("exec", "--cgroup", "/", b.ID(), "true"), "linux.cgroupsPath: clone the process that joins the container in its cgroup: ")
	refused(t, b.Keg("exec", "--cgroup", "/", b.ID(), "true"), "controllers are enabled for its sub-cgroups")
	write(t, filepath.Join(own[""], "cgroup.subtree_control"), "-pids")
	move(t, init, own)
	if err := os.Remove(leaf[""]); err != nil {
		t.Error(err)
	}
}

// A process in a sub-cgroup is under its limits beside the container's, one
// elsewhere is not. On v1 the limits of one hierarchy are enough.
func TestCgroupFlagLimits(t *testing.T) {
	kegtest.NeedRoot(t)
	b := sleeper(t)
	init := initPid(t, b)
	own := cgroups(t, init)
	flag, elsewhere, controller := "pids:small", "/", "pids"
	if pureV2() {
		flag, elsewhere, controller = "small", "rest", ""
		rest := below(t, own, "rest")
		move(t, init, rest) // what hands controllers down takes no process
		write(t, filepath.Join(own[""], "cgroup.subtree_control"), "+pids")
	}
	small := below(t, map[string]string{controller: own[controller]}, "small")[controller]
	write(t, filepath.Join(small, "pids.max"), "3")
	const fork = `for i in 1 2 3 4; do sleep 1000 & p="$p $!"; done; kill $p; echo all`
	if r := b.Keg("exec", "--cgroup", elsewhere, b.ID(), "sh", "-c", fork); r.Code != 0 || r.Stdout != "all\n" {
		t.Errorf("elsewhere: exit status %d, %s%s", r.Code, r.Stdout, r.Stderr)
	}
	if r := b.Keg("exec", "--cgroup", flag, b.ID(), "sh", "-c", fork); r.Code == 0 || !strings.Contains(r.Stderr, "fork") {
		t.Errorf("in a sub-cgroup with a limit of 3: exit status %d, %s%s", r.Code, r.Stdout, r.Stderr)
	}
}
