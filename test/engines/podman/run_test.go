package podman

import (
	"os"
	"strings"
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

func running() []scenario {
	return []scenario{
		{Name: "run: output and standard error", Run: runOutput},
		{Name: "run: exit statuses 0, 3, 125, 126, 127", Run: runStatus},
		{Name: "run, exec: 126 and 127 without runtime_supports_json", Run: statusWithoutJSON},
		{Name: "run -i: standard input", Run: runInput},
		{Name: "run -it: a terminal", Run: runTerminal},
		{Name: "run --detach, logs, wait", Run: runDetached},
		{Name: "run --runtime with a path", Run: runByPath},
		{Name: "run --rootfs: a directory", Run: runRootfs},
		{Name: "run --log-driver=passthrough", Run: runPassthrough},
		{Name: "create, init, start --attach", Run: createStart},
	}
}

func runOutput(t testing.TB, p *podman) {
	r := p.sh(t, "echo out; echo err >&2")
	equal(t, "output", r, kegtest.Result{Stdout: "out\n", Stderr: "err\n"})
}

// Podman tells by words of the runtime's message whether a command is missing
// or cannot be executed.
func runStatus(t testing.TB, p *podman) {
	for _, c := range []struct {
		args string
		want int
		says string
	}{
		{image + " true", 0, ""},
		{image + " sh -c exit\t3", 3, ""},
		{"--cap-add nosuch " + image + " true", 125, "unknown capability"},
		{image + " /etc", 126, "OCI permission denied"},
		{image + " /etc/passwd", 126, "OCI permission denied"},
		{image + " nosuch", 127, "OCI runtime attempted to invoke a command that was not found"},
		{image + " /bin/nosuch", 127, "OCI runtime attempted to invoke a command that was not found"},
	} {
		args := strings.Fields(c.args)
		for i := range args {
			args[i] = strings.ReplaceAll(args[i], "\t", " ")
		}
		if strings.Contains(c.args, "\t") {
			args = []string{image, "sh", "-c", "exit 3"}
		}
		r := p.do(t, append([]string{"run", "--rm"}, args...)...)
		if r.Code != c.want || !strings.Contains(r.Stderr, c.says) || c.says == "" && r.Stderr != "" {
			t.Errorf("%s: exit status %d, %s", c.args, r.Code, r.Stderr)
		}
	}
}

// The runtime's words come from conmon then, not from its log.
func statusWithoutJSON(t testing.TB, p *podman) {
	text, err := os.ReadFile(p.Path("containers.conf"))
	if err != nil {
		t.Fatal(err)
	}
	conf := p.Write(t, "plain.conf", strings.ReplaceAll(string(text), "runtime_supports_json = [", `runtime_supports_json = ["another"] # `))
	plain := func(args ...string) kegtest.Result {
		cmd := p.command(args...)
		cmd.Env = append(cmd.Env, "CONTAINERS_CONF="+conf)
		return p.Finish(t, cmd)
	}
	p.background(t, "box", "sleep 1000")
	for _, begin := range [][]string{{"run", "--rm", image}, {"exec", "box"}} {
		for program, want := range map[string]int{"/etc": 126, "/etc/passwd": 126, "nosuch": 127, "/bin/nosuch": 127} {
			r := plain(append(begin, program)...)
			if r.Code != want || !strings.Contains(r.Stderr, "OCI ") || !strings.Contains(r.Stderr, program) {
				t.Errorf("%s %s: exit status %d, %s", begin[0], program, r.Code, r.Stderr)
			}
		}
	}
}

func runInput(t testing.TB, p *podman) {
	text := strings.Repeat("abc\n", 50_000)
	r := p.Input(t, text, "podman", p.args([]string{"run", "--rm", "-i", image, "tr", "a-z", "A-Z"})...)
	if r.Code != 0 || r.Stdout != strings.ToUpper(text) {
		t.Errorf("exit status %d, %d bytes of %d, %s", r.Code, len(r.Stdout), len(text), r.Stderr)
	}
}

func runDetached(t testing.TB, p *podman) {
	p.background(t, "worker", "echo begun; echo err >&2; sleep 0.1; exit 4")
	equal(t, "wait", p.ok(t, "wait", "worker"), "4")
	r := p.do(t, "logs", "worker")
	equal(t, "logs", r, kegtest.Result{Stdout: "begun\n", Stderr: "err\n"})
	matches(t, "ps", p.ok(t, "ps", "--all", "--format", "{{.Names}} {{.Status}}"), `worker Exited \(4\) `)
}

func runByPath(t testing.TB, p *podman) {
	r := p.do(t, "--runtime", p.Runtime.Path, "run", "--rm", image, "echo", "ran")
	equal(t, "output", r, kegtest.Result{Stdout: "ran\n"})
	r = p.do(t, "--runtime", p.Runtime.Path, "run", "--rm", image, "nosuch")
	equal(t, "exit status", r.Code, 127)
}

func runRootfs(t testing.TB, p *podman) {
	dir := p.Mkdir(t, "rootfs")
	if r := p.Do(t, "tar", "-C", dir, "-xf", p.Path("root.tar")); r.Code != 0 {
		t.Fatal(r.Stderr)
	}
	r := p.do(t, "run", "--rm", "--rootfs", dir, "sh", "-c", "echo made >/data/file; cat /data/file")
	equal(t, "output", r, kegtest.Result{Stdout: "made\n"})
	r = p.do(t, "run", "--rm", "--rootfs", dir+":O", "sh", "-c", "cat /data/file; rm /data/file; ls /data")
	equal(t, "output with an overlay", r, kegtest.Result{Stdout: "made\n"})
	r = p.do(t, "run", "--rm", "--rootfs", dir, "cat", "/data/file")
	equal(t, "the directory", r, kegtest.Result{Stdout: "made\n"})
}

func runPassthrough(t testing.TB, p *podman) {
	p.prints(t, "direct\n", "echo direct", "--log-driver", "passthrough")
}

func createStart(t testing.TB, p *podman) {
	t.Cleanup(func() { p.do(t, "rm", "--force", "made") })
	p.ok(t, "create", "--name", "made", image, "sh", "-c", "echo started; exit 6")
	p.ok(t, "init", "made")
	matches(t, "ps", p.ok(t, "ps", "--all", "--format", "{{.Names}} {{.State}}"), "made Initialized")
	r := p.do(t, "start", "--attach", "made")
	equal(t, "output", r, kegtest.Result{Stdout: "started\n", Code: 6})
	r = p.do(t, "start", "--attach", "made")
	equal(t, "output of a second time", r, kegtest.Result{Stdout: "started\n", Code: 6})
}
