package linux

import (
	"os"
	"syscall"
	"testing"
)

// named gives this process a name of its own choice.
func named(t *testing.T, name string) {
	t.Helper()
	const file = "/proc/self/comm"
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.WriteFile(file, before, 0) })
	if err := os.WriteFile(file, []byte(name), 0); err != nil {
		t.Fatal(err)
	}
}

// A process cannot pass for another by its name.
func TestProcStat(t *testing.T) {
	before, err := ProcStat(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	session, _, _ := syscall.RawSyscall(syscall.SYS_GETSID, 0, 0, 0)
	if before.Pid != os.Getpid() || before.Parent != os.Getppid() || before.Session != int(session) || before.Start == 0 || before.Ended() {
		t.Errorf("%+v; the parent is %d, the session %d", before, os.Getppid(), session)
	}
	for _, name := range []string{"a b", "a) Z 7 8 9 (b", ") X 1 1 1 1 1 1", "\n) Z 1\n"} {
		named(t, name)
		now, err := ProcStat(os.Getpid())
		if now.State, now.Flags = before.State, before.Flags; now != before || err != nil { // what it does may change
			t.Errorf("%q: %+v, %v; want %+v", name, now, err, before)
		}
	}
	if p, err := ProcStat(-1); err == nil || p != (Process{}) {
		t.Errorf("no process: %+v, %v", p, err)
	}
}

func TestProcStatParse(t *testing.T) {
	const rest = " 5 6 0 -1 4194560 10 11 12 13 14 15 16 17 20 0 1 0 "
	var p Process
	if err := p.parse([]byte(" Z 4" + rest + "22 23\n")); err != nil || p != (Process{Parent: 4, Session: 6, State: 'Z', Flags: 4194560, Start: 22}) || !p.Ended() {
		t.Errorf("%+v, %v", p, err)
	}
	for _, text := range []string{"", "\n", " Z 4" + rest, " Z x" + rest + "22", " Z 4" + rest + "x"} {
		if err := p.parse([]byte(text)); err == nil {
			t.Errorf("%q is no error", text)
		}
	}
}
