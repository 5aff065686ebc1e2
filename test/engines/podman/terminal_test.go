package podman

import (
	"strings"
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

// shown is what a person at a terminal sees of a command of podman's, to which
// keys are typed once it has shown a prompt. script(1) is the terminal emulator.
func (p *podman) shown(t testing.TB, size, prompt, keys string, args ...string) string {
	t.Helper()
	words := []string{"-c", "stty " + size + `; podman "$@"; echo status $?`, "sh"}
	x := kegtest.CommandOnTerminal(t, p.Command("sh", append(words, p.args(args)...)...))
	x.Wait(prompt)
	x.Key(keys)
	x.Wait("status ")
	x.Wait("\r\n")
	return strings.ReplaceAll(x.Output(), "\r\n", "\n")
}

// The container has a terminal of its own, of the size of the person's.
func runTerminal(t testing.TB, p *podman) {
	script := "tty; stty size; echo ready; read line; echo got $line; exit 3"
	got := p.shown(t, "rows 33 cols 77", "ready\r\n", "typed\r", "run", "--rm", "-it", image, "sh", "-c", script)
	for _, want := range []string{"/dev/pts/0\n", "33 77\n", "typed\ngot typed\n", "status 3\n"} {
		contains(t, "the terminal", got, want)
	}
	// ^C reaches the program, not podman.
	script = "trap 'echo caught; exit 9' INT; echo ready; while :; do sleep 0.1; done"
	got = p.shown(t, "sane", "ready\r\n", kegtest.CtrlC, "run", "--rm", "-it", image, "sh", "-c", script)
	matches(t, "the terminal", got, "caught\n(.|\n)*status 9\n")
}

func execTerminal(t testing.TB, p *podman) {
	p.background(t, "box", "sleep 1000")
	script := "tty; stty size; echo ready; read line; echo got $line; exit 3"
	got := p.shown(t, "rows 33 cols 77", "ready\r\n", "typed\r", "exec", "-it", "box", "sh", "-c", script)
	for _, want := range []string{"/dev/pts/0\n", "33 77\n", "typed\ngot typed\n", "status 3\n"} {
		contains(t, "the terminal", got, want)
	}
}
