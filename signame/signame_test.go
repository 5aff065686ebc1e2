package signame

import (
	"syscall"
	"testing"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]syscall.Signal{
		"KILL": 9, "SIGKILL": 9, "sigkill": 9, "kill": 9, "9": 9, "TERM": 15, "15": 15,
		"HUP": 1, "USR1": 10, "SIGUSR2": 12, "CHLD": 17, "CLD": 17, "CONT": 18, "STOP": 19,
		"WINCH": 28, "IO": 29, "POLL": 29, "PWR": 30, "SYS": 31, "ABRT": 6, "IOT": 6,
		"RTMIN": 34, "SIGRTMIN": 34, "RTMIN+1": 35, "rtmin+3": 37, "RTMIN+30": 64,
		"RTMAX": 64, "RTMAX-1": 63, "SIGRTMAX-30": 34, "0": 0, "1": 1, "64": 64, "34": 34,
	} {
		if got, err := Parse(text); err != nil || got != want {
			t.Errorf("%q: %d, %v; want %d", text, got, err, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, text := range []string{
		"", "00", "65", "-9", "+9", " 9", "9 ", "9x", "09", "0x9", "9.0", "99999999999", "KILL ", "KILLX",
		"SIG", "SIGSIGKILL", "SIG9", "NOPE", "RTMIN-1", "RTMIN+", "RTMIN+31", "RTMIN+x", "RTMIN+1x", "RTMIN1",
		"RTMAX+1", "RTMAX-31", "RTMAX-", "RTMIN+-1", "RTMIN++1", "RT",
	} {
		if got, err := Parse(text); err == nil {
			t.Errorf("%q is taken for signal %d", text, got)
		}
	}
}

// The table is indexed by number: hold it against the syscall package's.
func TestNames(t *testing.T) {
	for name, want := range map[string]syscall.Signal{
		"HUP": syscall.SIGHUP, "ABRT": syscall.SIGABRT, "SEGV": syscall.SIGSEGV, "STKFLT": syscall.SIGSTKFLT,
		"TTOU": syscall.SIGTTOU, "VTALRM": syscall.SIGVTALRM, "PROF": syscall.SIGPROF, "SYS": syscall.SIGSYS,
	} {
		if got := namedSignal(name); got != want {
			t.Errorf("%s is %d, want %d", name, got, want)
		}
	}
}

func TestOf(t *testing.T) {
	for sig := syscall.Signal(1); sig <= rtMax; sig++ {
		if sig == 32 || sig == 33 {
			continue // the C library's
		}
		if got, err := Parse(Of(sig)); err != nil || got != sig {
			t.Errorf("%d: %s: %d, %v", int(sig), Of(sig), int(got), err)
		}
	}
}
