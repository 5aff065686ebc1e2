package buildah

import (
	"strings"
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

var running = []scenario{
	{Name: "run: output, standard error, input", Run: runOutput},
	{Name: "run: exit statuses", Run: runStatus},
	{Name: "run: a program that a signal ends", Run: runSignal},
	{Name: "run --tty: a terminal, Ctrl-C", Run: runTerminal},
	{Name: "run: what it writes stays in the container", Run: runWrites},
	{Name: "run: processes that it leaves end with it", Run: runLeaves},
	{Name: "run: many at a time", Run: runMany},
	{Name: "run --runtime with a path, BUILDAH_RUNTIME", Run: runByPath},
	{Name: "run --runtime-flag: the runtime's log", Run: runLog},
}

func runOutput(t testing.TB, b *buildah) {
	text := strings.Repeat("abc\n", 20_000)
	for _, isolation := range isolations {
		r := b.do(t, "run", "--isolation", isolation, box, "--", "sh", "-c", "echo out; echo err >&2")
		equal(t, "output", r, kegtest.Result{Stdout: "out\n", Stderr: "err\n"})
		r = b.Input(t, text, "buildah", b.args([]string{"run", "--isolation", isolation, box, "--", "tr", "a-z", "A-Z"})...)
		if r.Stdout != strings.ToUpper(text) || r.Code != 0 {
			t.Errorf("exit status %d, %d bytes of %d, %s", r.Code, len(r.Stdout), len(text), r.Stderr)
		}
	}
}

func runStatus(t testing.TB, b *buildah) {
	for _, isolation := range isolations {
		run := func(words ...string) kegtest.Result {
			return b.do(t, append([]string{"run", "--isolation", isolation, box, "--"}, words...)...)
		}
		equal(t, "true", run("true"), kegtest.Result{})
		r := run("sh", "-c", "exit 3")
		equal(t, "exit 3", r.Code, 3)
		contains(t, "message", r.Stderr, "exit status 3")
		r = run("nosuch")
		if r.Code == 0 || !strings.Contains(r.Stderr, "executable file not found in $PATH") {
			t.Errorf("a missing program: exit status %d, %s", r.Code, r.Stderr)
		}
		r = run("/etc")
		if r.Code == 0 || !strings.Contains(r.Stderr, "permission denied") {
			t.Errorf("a directory: exit status %d, %s", r.Code, r.Stderr)
		}
	}
}

func runSignal(t testing.TB, b *buildah) {
	r := b.do(t, "run", box, "--", "sh", "-c", "ulimit -t 1; while :; do :; done")
	equal(t, "exit status", r.Code, 1)
	contains(t, "message", r.Stderr, "container exited on ")
}

// terminal runs a buildah command on one.
func (b *buildah) terminal(t testing.TB, args ...string) *kegtest.Terminal {
	t.Helper()
	words := []string{"-c", `stty rows 33 cols 77; buildah "$@"; echo status $?`, "sh"}
	return kegtest.CommandOnTerminal(t, b.Command("sh", append(words, b.args(args)...)...))
}

// Buildah tells the size to the terminal while the program starts already.
func runTerminal(t testing.TB, b *buildah) {
	x := b.terminal(t, "run", "--tty", box, "--", "sh", "-c", "tty; echo ready; read line; echo got $line; stty size; exit 3")
	x.Wait("ready\r\n")
	x.Key("typed\r")
	x.Wait("status 3\r\n")
	for _, want := range []string{"/dev/pts/0\r\n", "33 77\r\n", "typed\r\ngot typed\r\n"} {
		contains(t, "the terminal", x.Output(), want)
	}
	// ^C reaches the program, not buildah.
	x = b.terminal(t, "run", "--tty", box, "--", "sh", "-c", "trap 'echo caught; exit 9' INT; echo ready; while :; do sleep 0.1; done")
	x.Wait("ready\r\n")
	x.Key(kegtest.CtrlC)
	x.Wait("status 9\r\n")
	contains(t, "the terminal", x.Output(), "caught\r\n")
}

func runWrites(t testing.TB, b *buildah) {
	name := b.from(t)
	b.ok(t, "run", name, "--", "sh", "-c", "echo text >/data/file; rm /etc/group")
	b.prints(t, "text\ngone\n", name, "cat /data/file; ls /etc/group 2>/dev/null || echo gone")
	t.Cleanup(func() { b.do(t, "rmi", "--force", built) })
	b.ok(t, "commit", name, built)
	next := b.ok(t, "from", built)
	b.prints(t, "text\n", next, "cat /data/file")
	b.ok(t, "rm", next)
}

func runLeaves(t testing.TB, b *buildah) {
	b.prints(t, "ended\n", box, "sleep 1000 >/dev/null 2>&1 & echo ended")
	b.nothingLeft(t)
}

func runMany(t testing.TB, b *buildah) {
	const many = 4
	done := make(chan kegtest.Result)
	for range many {
		name := b.from(t)
		go func() { done <- b.do(t, "run", name, "--", "sh", "-c", "sleep 0.5; echo $$; exit 5") }()
	}
	for range many {
		if r := <-done; r.Code != 5 || r.Stdout != "1\n" {
			t.Errorf("%+v", r)
		}
	}
}

func runByPath(t testing.TB, b *buildah) {
	r := b.do(t, "run", "--runtime", b.Runtime.Path, box, "--", "echo", "ran")
	equal(t, "output", r, kegtest.Result{Stdout: "ran\n"})
	cmd := b.command("run", box, "--", "echo", "ran")
	cmd.Env = append(cmd.Env, "BUILDAH_RUNTIME="+b.Runtime.Path)
	equal(t, "output", kegtest.Finish(t, cmd), kegtest.Result{Stdout: "ran\n"})
	cmd = b.command("run", box, "--", "echo", "ran")
	cmd.Env = append(cmd.Env, "BUILDAH_RUNTIME=/no/such/runtime")
	contains(t, "message", kegtest.Finish(t, cmd).Stderr, "/no/such/runtime")
}

// runLog: with a log of its own the runtime still says to Buildah what is wrong.
func runLog(t testing.TB, b *buildah) {
	log := b.Path("log.json")
	r := b.do(t, "run", "--runtime-flag", "log="+log, "--runtime-flag", "log-format=json", box, "--", "/none")
	contains(t, "message", r.Stderr, "/none")
	text := b.Do(t, "cat", log).Stdout
	contains(t, "log", text, `"level":"error"`)
	contains(t, "log", text, "no such file or directory")
}
