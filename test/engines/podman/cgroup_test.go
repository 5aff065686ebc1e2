package podman

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// withoutCgroups are the ways not to have Podman's usual cgroups.
func withoutCgroups() []scenario {
	return []scenario{
		{Name: "--cgroups=disabled", Run: cgroupsDisabled},
		{Name: "--cgroups=no-conmon", Run: cgroupsNoConmon},
		{Name: "--cgroups=split", Run: cgroupsSplit},
		{Name: "--cgroupns=private", Run: cgroupsPrivate},
	}
}

// Podman gives this to a runtime that its configuration names as one that can.
func cgroupsDisabled(t testing.TB, p *podman) {
	own, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		t.Fatal(err)
	}
	p.background(t, "box", trapping, "--cgroups", "disabled")
	p.ready(t, "box")
	p.prints(t, string(own), "cat /proc/self/cgroup", "--cgroups", "disabled", "--cgroupns", "host")
	equal(t, "exec", p.ok(t, "exec", "box", "echo", "joined"), "joined")
	equal(t, "its mode", p.inspect(t, "box", "{{.HostConfig.Cgroups}}"), "disabled")
	p.ok(t, "stop", "--time", "100", "box")
	equal(t, "status", p.inspect(t, "box", "{{.State.ExitCode}}"), "5")
}

func cgroupsNoConmon(t testing.TB, p *podman) {
	out := p.sh(t, "cat /proc/self/cgroup", "--cgroups", "no-conmon", "--cgroupns", "host").Stdout
	matches(t, "cgroups", out, `libpod-[0-9a-f]{64}`)
}

// Podman moves itself to a sub-cgroup of its own, and refuses where that is the root.
func cgroupsSplit(t testing.TB, p *podman) {
	cmd, cgroup := p.InOwnCgroup(t, filepath.Base(p.Dir)+"-split", "podman", p.args([]string{
		"run", "--rm", "--cgroups", "split", "--cgroupns", "host", image, "cat", "/proc/self/cgroup"})...)
	out := p.Finish(t, cmd)
	if out.Code != 0 {
		t.Fatalf("exit status %d, %s", out.Code, out.Stderr)
	}
	matches(t, "cgroups", out.Stdout, cgroup+`/libpod-payload-[0-9a-f]{64}`)
}

func cgroupsPrivate(t testing.TB, p *podman) {
	out := p.sh(t, "cat /proc/self/cgroup; readlink /proc/self/ns/cgroup", "--cgroupns", "private").Stdout
	if strings.Contains(out, p.Namespace(t, "cgroup")) || strings.Contains(out, "libpod") || !strings.Contains(out, ":/\n") {
		t.Errorf("%s", out)
	}
}
