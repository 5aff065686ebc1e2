package service

import (
	"strings"
	"syscall"
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

// What a caller at a terminal does with a supervisor ends its services, too.
func TestServicesEndWithTheTerminal(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGQUIT, syscall.SIGHUP} {
		w := newWorld(t)
		w.bundle("x", "exec sleep 1000", map[string]string{"grace": "0"})
		w.start()
		w.becomes("x", "running")
		w.supervisor.Process.Signal(sig)
		if err := <-w.ended; err != nil {
			t.Errorf("%s: %v\n%s", sig, err, w.said())
		}
		w.supervisor = nil
		if r := kegtest.Command(t, "", "--root", w.path("state"), "list", "-q"); r.Stdout != "" {
			t.Errorf("%s leaves %q", sig, r.Stdout)
		}
	}
}

// A directory that is misspelt is no tree without bundles, and a service that is
// misspelt none that has written nothing.
func TestMisspelt(t *testing.T) {
	w := newWorld(t)
	none := w.path("none")
	for _, c := range []struct{ line, says string }{
		{"services --check --dir " + none, "--dir: stat " + none},
		{"services --dir " + none + " --run-dir " + w.path("run"), "--dir: stat " + none},
		{"onboot --dir " + none, "--dir: stat " + none},
		{"onshutdown --dir " + none, "--dir: stat " + none},
		{"volumes --dir " + none, "open " + none},
		{"logs x --run-dir " + w.path("run") + " --log-dir " + w.path("log"), "there is no " + w.path("log", "x.out.log")},
	} {
		r := kegtest.Command(t, "", append([]string{"boot"}, strings.Fields(c.line)...)...)
		if r.Code != 1 || !strings.Contains(r.Stderr, c.says) {
			t.Errorf("%s: %+v, want %q", c.line, r, c.says)
		}
	}
}
