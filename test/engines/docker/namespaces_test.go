package docker

import (
	"os"
	"strings"
	"testing"
)

// ours is a namespace of this process, which is the daemon's too.
func ours(t testing.TB, kind string) string {
	t.Helper()
	s, err := os.Readlink("/proc/self/ns/" + kind)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// theirs is a namespace of a container.
func (d *daemon) theirs(t testing.TB, container, kind string) string {
	t.Helper()
	return d.OK(t, "exec", container, "readlink", "/proc/self/ns/"+kind)
}

func pidModes(t testing.TB, d *daemon) {
	equal(t, "host", d.Run(t, "readlink /proc/self/ns/pid", "--network", "none", "--pid", "host"), ours(t, "pid"))
	c := d.Detached(t, "exec sleep 4321", "--network", "none")
	out := d.Run(t, "cat /proc/1/comm; readlink /proc/self/ns/pid; kill -TERM 1; kill -0 1 && echo lives", "--network", "none", "--pid", "container:"+c)
	equal(t, "container:", out, "sleep\n"+d.theirs(t, c, "pid")+"\nlives")
	killed := d.Detached(t, forever, "--network", "none", "--pid", "host")
	d.OK(t, "rm", "-f", killed)
}

func ipcModes(t testing.TB, d *daemon) {
	const script = "readlink /proc/self/ns/ipc"
	equal(t, "host", d.Run(t, script, "--network", "none", "--ipc", "host"), ours(t, "ipc"))
	c := d.Detached(t, "echo shared >/dev/shm/file; echo up; "+forever, "--network", "none", "--ipc", "shareable")
	d.Says(t, c, "up")
	equal(t, "container:", d.Run(t, script+"; cat /dev/shm/file", "--network", "none", "--ipc", "container:"+c), d.theirs(t, c, "ipc")+"\nshared")
}

func utsHost(t testing.TB, d *daemon) {
	name, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "host", d.Run(t, "readlink /proc/self/ns/uts; hostname", "--network", "none", "--uts", "host"), ours(t, "uts")+"\n"+name)
}

func cgroupModes(t testing.TB, d *daemon) {
	const script = "readlink /proc/self/ns/cgroup; grep ^0:: /proc/self/cgroup"
	host := d.Run(t, script, "--network", "none", "--cgroupns", "host")
	contains(t, "host", host, ours(t, "cgroup"))
	private := d.Run(t, script, "--network", "none", "--cgroupns", "private")
	if strings.Contains(private, ours(t, "cgroup")) {
		t.Errorf("private: %s", private)
	}
	contains(t, "private", private, "\n0::/")
}

// initProcess: what outlives its parent is reaped, and signals reach the program.
func initProcess(t testing.TB, d *daemon) {
	c := d.Detached(t, "echo up; sleep 1000; :", "--network", "none", "--init")
	d.Says(t, c, "up")
	d.Prints(t, "docker-init", "exec", c, "cat", "/proc/1/comm")
	d.OK(t, "exec", c, "sh", "-c", "(sleep 0.1 &)")
	until(t, "0", func() string {
		return d.OK(t, "exec", c, "sh", "-c", "grep -l '^State:.Z' /proc/[0-9]*/status 2>/dev/null | wc -l")
	})
	d.OK(t, "stop", "-t", "60", c)
	equal(t, "status", d.Inspect(t, c, ".State.ExitCode"), "143")
}
