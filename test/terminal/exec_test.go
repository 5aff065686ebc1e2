package terminal

import (
	"strings"
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

// running is a container without a terminal, to execute processes in.
func running(t *testing.T) *kegtest.Bundle {
	t.Helper()
	b := bundle(t, "sleep", "1000")
	b.Spec.Process.Terminal = false
	b.Write()
	if r := b.Keg("run", "--detach", "--bundle", b.Dir, b.ID()); r.Code != 0 {
		t.Fatal(r.Stderr)
	}
	t.Cleanup(func() { b.Keg("delete", "-f", b.ID()) })
	return b
}

const exec1 = "KEG exec -t ID "

func TestExec(t *testing.T) {
	b := running(t)
	x := on(t, b, "stty rows 33 cols 77; "+exec1+`sh -c 'tty; stty size; ls -1 --color=never /proc/$$/fd; cut -d" " -f6 /proc/$$/stat; echo $$; read x; echo got $x; exit 3'`)
	x.Wait("/dev/pts/0\r\n33 77\r\n0\r\n1\r\n2\r\n")
	waitFor(t, "raw mode", x.Raw)
	x.Key("line\n")
	x.Wait("got line")
	x.AsBefore("3")
}

// Two terminals in one container do not know of each other, and neither is the
// console.
func TestExecTwice(t *testing.T) {
	b := running(t)
	first := on(t, b, exec1+"sh -c 'tty; read x; exit 4'")
	first.Wait("/dev/pts/0")
	second := on(t, b, exec1+"sh -c 'tty; ls /dev/console; exit 5'")
	second.Wait("/dev/pts/1")
	second.AsBefore("5")
	first.Key("\n")
	first.AsBefore("4")
}

func TestExecJobControl(t *testing.T) {
	b := running(t)
	x := on(t, b, exec1+"sh")
	x.Wait("box-")
	x.Key("sleep 5102\n")
	x.Foreground("sleep 5102")
	x.Key(kegtest.CtrlZ)
	x.Wait("Stopped")
	x.Key("bg; kill -KILL %1; wait; exit 6\n") // with stopped jobs it would have to be told twice
	x.AsBefore("6")
}

func TestExecSuspend(t *testing.T) {
	b := running(t)
	x := on(t, b, exec1+"sh -c 'echo ready; read x; echo got $x; exit 3'; echo stopped $?; fg")
	x.Wait("ready")
	waitFor(t, "raw mode", x.Raw)
	x.Key(kegtest.CtrlZ)
	x.Wait("stopped 14")
	x.Key("line\n")
	x.Wait("got line")
	x.AsBefore("3")
}

func TestExecOwner(t *testing.T) {
	kegtest.NeedRoot(t)
	b := running(t)
	x := on(t, b, "KEG exec -t -u 1000:1000 ID sh -c 'stat -c %u:%g:%a $(tty)'")
	x.AsBefore("0")
	if !strings.Contains(x.Output(), "1000:5:620\r\n") {
		t.Error(x.Output())
	}
}

func TestExecConsoleSocket(t *testing.T) {
	b := running(t)
	a := newAgent(t, "socket")
	r := b.Keg("exec", "-t", "--detach", "--console-socket", a.path, b.ID(), "sh", "-c", "read x; echo got $x; ls -1 --color=never /proc/$$/fd; read x")
	if r.Code != 0 {
		t.Fatal(r.Stderr)
	}
	master := a.master()
	master.WriteString("line\n")
	until(t, master, "got line\r\n0\r\n1\r\n2\r\n")
}

func TestExecRefused(t *testing.T) {
	b := running(t)
	for args, want := range map[string]string{
		"-t -d ID true":                            "keg: process.terminal: keg does not stay to hold the terminal of a detached process: --console-socket must name a socket to send it to\n",
		"-d --console-socket /dev/null ID true":    "keg: --console-socket: process.terminal is false, so there is no terminal to send\n",
		"-d -t --console-socket /dev/null ID true": "keg: --console-socket: connect /dev/null: not a socket (hint: an engine must listen there until it has got the terminal)\n",
		"-t --console-socket /dev/null ID true":    "keg: --console-socket: is for a process that keg detaches from (create, --detach); in the foreground keg passes the terminal on itself\n",
	} {
		r := b.Keg(append([]string{"exec"}, strings.Fields(strings.ReplaceAll(args, "ID", b.ID()))...)...)
		if r.Code != 255 || r.Stderr != want {
			t.Errorf("%s: status %d, %q, want %q", args, r.Code, r.Stderr, want)
		}
	}
}
