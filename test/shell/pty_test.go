package shell

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

// onTerminal runs a script on a terminal, with KEG in place of `keg shell`.
func onTerminal(t *testing.T, script string) *kegtest.Terminal {
	t.Helper()
	keg := kegtest.Keg(t) + " --root " + filepath.Join(t.TempDir(), "state") + " shell"
	return kegtest.OnTerminal(t, "bash", "-mc", strings.ReplaceAll(script, "KEG", keg))
}

func TestInterrupt(t *testing.T) {
	x := onTerminal(t, "KEG -- sh -c 'echo ready; exec sleep 100'")
	x.Wait("ready")
	x.Key(kegtest.CtrlC)
	x.AsBefore("130")
}

func TestSuspend(t *testing.T) {
	x := onTerminal(t, "KEG -- sh -c 'echo ready; read x; echo got $x; exit 3'; echo stopped $?; fg")
	x.Wait("ready")
	x.Settled() // the program may run before keg knows whom else to stop
	x.Key(kegtest.CtrlZ)
	x.Wait("stopped 14") // 128 + SIGSTOP or SIGTSTP
	x.Key("line\n")
	x.Wait("got line")
	x.AsBefore("3")
}

// A shell in the box has job control of its own.
func TestInteractive(t *testing.T) {
	x := onTerminal(t, "KEG -e PS1=box-")
	x.Wait("box-")
	x.Key("sleep 5103\n")
	x.Foreground("sleep 5103")
	x.Key(kegtest.CtrlC)
	x.Key("echo status-$?\n")
	x.Wait("status-130")
	x.Key("sleep 5104\n")
	x.Foreground("sleep 5104")
	x.Key(kegtest.CtrlZ)
	x.Wait("Stopped")
	x.Key("bg; jobs; kill %1; stty size; stty raw -echo; exit 7\n")
	x.AsBefore("7")
	if strings.Contains(x.Output(), "job control") {
		t.Errorf("no job control:\n%s", x.Output())
	}
}

func TestWindowSize(t *testing.T) {
	x := onTerminal(t, "KEG -- sh -c 'trap \"stty size; exit\" WINCH; echo ready; while :; do sleep 0.1; done'")
	x.Wait("ready")
	x.Resize(33, 77)
	x.Wait("33 77")
	x.AsBefore("0")
}

// The program dies in raw mode, as the foreground group.
func TestCrash(t *testing.T) {
	x := onTerminal(t, "KEG -- sh -c 'stty raw -echo; kill -9 $$'")
	x.AsBefore("137")
}
