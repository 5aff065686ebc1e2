package exec

import (
	"strings"
	"syscall"
	"testing"
	"time"
)

// Signals that keg gets are the process's.
func TestSignals(t *testing.T) {
	b := sleeper(t)
	p := begin(t, b, b.ID(), "sh", "-c", `for s in HUP INT QUIT USR1 USR2 WINCH; do trap "echo $s" $s; done
		trap "echo TERM; exit 4" TERM; echo up; while :; do sleep 0.01; done`)
	want := "up\n"
	printed := func() bool { return p.stdout.String() == want }
	within(t, time.Minute, "the program runs", printed)
	for _, s := range []struct {
		sig  syscall.Signal
		name string
	}{{syscall.SIGHUP, "HUP"}, {syscall.SIGINT, "INT"}, {syscall.SIGQUIT, "QUIT"}, {syscall.SIGUSR1, "USR1"}, {syscall.SIGUSR2, "USR2"}, {syscall.SIGWINCH, "WINCH"}} {
		p.signal(t, s.sig)
		want += s.name + "\n"
		within(t, time.Minute, "the program gets "+s.name+", it printed "+strings.ReplaceAll(p.stdout.String(), "\n", " "), printed)
	}
	p.signal(t, syscall.SIGTERM)
	if r := p.end(t, time.Minute); r.Code != 4 || r.Stdout != want+"TERM\n" {
		t.Errorf("exit status %d, printed %q: %s", r.Code, r.Stdout, r.Stderr)
	}
}

// One that comes while the process is on its way reaches it, or ends keg and
// with it the process. It is never lost.
func TestEarlySignal(t *testing.T) {
	b := sleeper(t)
	for delay := time.Duration(0); delay < 12*time.Millisecond; delay += 300 * time.Microsecond {
		p := begin(t, b, b.ID(), "sleep", "1000")
		time.Sleep(delay)
		p.signal(t, syscall.SIGTERM)
		if r := p.end(t, time.Minute); r.Code != -1 && r.Code != 143 {
			t.Errorf("SIGTERM after %v: exit status %d: %s", delay, r.Code, r.Stderr)
		}
	}
	if got := sh(t, b, "pidof sleep"); got != "1\n" {
		t.Errorf("left in the container: %s", got)
	}
}
