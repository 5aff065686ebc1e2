package podman

import (
	"strings"
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

func executing() []scenario {
	return []scenario{
		{Name: "exec: output, input, environment, user, directory", Run: execOutput},
		{Name: "exec: exit statuses 0, 3, 125, 126, 127", Run: execStatus},
		{Name: "exec -it: a terminal", Run: execTerminal},
		{Name: "exec --detach", Run: execDetached},
		{Name: "exec --privileged", Run: execPrivileged},
		{Name: "exec in a container that has ended", Run: execEnded},
	}
}

func execOutput(t testing.TB, p *podman) {
	p.background(t, "box", "sleep 1000", "--env", "FROM=run", "--hostname", "inside")
	r := p.do(t, "exec", "--user", "1000:1000", "--workdir", "/tmp", "--env", "A=b", "box",
		"sh", "-c", "id -u; id -g; pwd; echo $A $FROM; hostname; echo err >&2")
	equal(t, "exec", r, kegtest.Result{Stdout: "1000\n1000\n/tmp\nb run\ninside\n", Stderr: "err\n"})
	r = p.Input(t, "abc", "podman", p.args([]string{"exec", "-i", "box", "tr", "a-z", "A-Z"})...)
	equal(t, "exec -i", r, kegtest.Result{Stdout: "ABC"})
	r = p.do(t, "exec", "--user", "user", "box", "sh", "-c", "id -un; echo $HOME")
	equal(t, "exec --user NAME", r, kegtest.Result{Stdout: "user\n/home/user\n"})
}

func execStatus(t testing.TB, p *podman) {
	p.background(t, "box", "sleep 1000")
	for _, c := range []struct {
		command string
		want    int
		says    string
	}{
		{"true", 0, ""},
		{"false", 1, ""},
		{"/etc", 126, "OCI permission denied"},
		{"nosuch", 127, "OCI runtime attempted to invoke a command that was not found"},
		{"/bin/nosuch", 127, "OCI runtime attempted to invoke a command that was not found"},
	} {
		r := p.do(t, "exec", "box", c.command)
		if r.Code != c.want || !strings.Contains(r.Stderr, c.says) || c.says == "" && r.Stderr != "" {
			t.Errorf("%s: exit status %d, %s", c.command, r.Code, r.Stderr)
		}
	}
	equal(t, "status", p.do(t, "exec", "box", "sh", "-c", "exit 3").Code, 3)
	equal(t, "status of a signal", p.do(t, "exec", "box", "sh", "-c", "kill -9 $$").Code, 137)
	r := p.do(t, "exec", "--workdir", "/nosuch", "box", "true")
	if r.Code != 126 && r.Code != 127 || !strings.Contains(r.Stderr, "/nosuch") {
		t.Errorf("a directory that is not there: exit status %d, %s", r.Code, r.Stderr)
	}
	equal(t, "no such container", p.do(t, "exec", "nosuch", "true").Code, 125)
}

func execDetached(t testing.TB, p *podman) {
	p.background(t, "box", "sleep 1000")
	p.ok(t, "exec", "--detach", "box", "sh", "-c", "echo was here >/tmp/mark")
	within(t, "the process has run", func() bool {
		return p.do(t, "exec", "box", "cat", "/tmp/mark").Stdout == "was here\n"
	})
}

func execPrivileged(t testing.TB, p *podman) {
	p.background(t, "box", "sleep 1000")
	bounding := p.ok(t, "exec", "box", "grep", "CapBnd", "/proc/1/status")
	effective := p.ok(t, "exec", "box", "grep", "CapEff", "/proc/self/status")
	equal(t, "capabilities", strings.Fields(effective)[1], strings.Fields(bounding)[1])
	all := p.ok(t, "exec", "--privileged", "box", "grep", "CapEff", "/proc/self/status")
	equal(t, "capabilities with --privileged", strings.Fields(all)[1], p.allCapabilities(t))
}

func execEnded(t testing.TB, p *podman) {
	p.background(t, "box", "true")
	p.ok(t, "wait", "box")
	r := p.do(t, "exec", "box", "true")
	equal(t, "exit status", r.Code, 255)
	contains(t, "message", r.Stderr, "can only create exec sessions on running containers")
}
