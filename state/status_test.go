package state

import (
	"errors"
	"os"
	"os/exec"
	"testing"
)

func TestStatus(t *testing.T) {
	for _, tt := range []struct {
		facts Facts
		want  Status
	}{
		{Facts{Locked: true}, Creating},
		{Facts{}, Stopped},
		{Facts{Waiting: true}, Stopped},
		{Facts{Pid: 7, Waiting: true}, Stopped},
		{Facts{Pid: 7, Locked: true, Frozen: true}, Stopped},
		{Facts{Pid: 7, Alive: true, Waiting: true}, Created},
		{Facts{Pid: 7, Alive: true, Waiting: true, Locked: true}, Created},
		{Facts{Pid: 7, Alive: true}, Running},
		{Facts{Pid: 7, Alive: true, Frozen: true}, Paused},
	} {
		if got := tt.facts.Status(); got != tt.want {
			t.Errorf("%+v: %s, want %s", tt.facts, got, tt.want)
		}
	}
}

func TestAllow(t *testing.T) {
	all := []Status{Creating, Created, Running, Paused, Stopped}
	for op, want := range map[Operation]string{
		Start: "01000", Kill: "01110", KillAll: "01111", Delete: "01001", ForceDelete: "11111",
		Exec: "01100", Pause: "01100", Resume: "00010", Update: "01110", Ps: "01111", Measure: "01110", Checkpoint: "00110", "dance": "00000",
	} {
		for i, s := range all {
			if got := s.Allow(op, "box") == nil; got != (want[i] == '1') {
				t.Errorf("%s a %s container: allowed %v", op, s, got)
			}
		}
	}
}

func TestAllowWords(t *testing.T) {
	for _, tt := range []struct {
		status     Status
		op         Operation
		notRunning bool
		want       string
	}{
		{Stopped, Kill, true, `cannot kill container "box": it is stopped: container not running`},
		{Stopped, Exec, true, `cannot exec container "box": it is stopped: container not running`},
		{Stopped, Start, false, `cannot start container "box": it is stopped`},
		{Running, Start, false, `cannot start container "box": it is running already`},
		{Running, Delete, false, `cannot delete container "box": it is running (stop it first, or: keg delete -f box)`},
		{Paused, Exec, false, `cannot exec container "box": it is paused (keg resume box)`},
		{Paused, Pause, true, `cannot pause container "box": it is paused already: container not running`},
		{Stopped, Pause, true, `cannot pause container "box": it is stopped: container not running`},
		{Running, Resume, false, `cannot resume container "box": it is running: container not paused`},
		{Stopped, Resume, false, `cannot resume container "box": it is stopped: container not paused`},
		{Creating, Kill, false, `cannot kill container "box": it is creating`},
	} {
		err := tt.status.Allow(tt.op, "box")
		if err == nil || err.Error() != tt.want || errors.Is(err, ErrNotRunning) != tt.notRunning {
			t.Errorf("%v\nwant %s", err, tt.want)
		}
	}
}

func TestAlive(t *testing.T) {
	start, err := StartTime(os.Getpid())
	if err != nil || start == 0 {
		t.Fatal(start, err)
	}
	for _, tt := range []struct {
		pid   int
		start uint64
		want  bool
	}{{os.Getpid(), start, true}, {os.Getpid(), start + 1, false}, {0, start, false}, {-1, start, false}, {1 << 30, start, false}} {
		if got := Alive(tt.pid, tt.start); got != tt.want {
			t.Errorf("pid %d started at %d: alive %v", tt.pid, tt.start, got)
		}
	}
}

// The name of a process is its own choice: here one that looks like the
// fields after it.
func TestAliveZombieWithName(t *testing.T) {
	cmd := exec.Command("/bin/sh", "-c", `printf 'a) R 1 (' >/proc/$$/comm; echo; read x`)
	in, _ := cmd.StdinPipe()
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	out.Read(make([]byte, 1))
	pid := cmd.Process.Pid
	start, err := StartTime(pid)
	mine, _ := StartTime(os.Getpid())
	if err != nil || start < mine || !Alive(pid, start) {
		t.Errorf("started at %d, %v, alive %v; the test itself at %d", start, err, Alive(pid, start), mine)
	}
	in.Close()
	out.Read(make([]byte, 1)) // its end: a zombie now, or in a moment
	for i := 0; Alive(pid, start); i++ {
		if i > 1e6 {
			t.Fatal("a zombie counts as alive")
		}
	}
	if _, err := StartTime(pid); err != nil {
		t.Errorf("it is gone, not a zombie: %v", err)
	}
	cmd.Wait()
}
