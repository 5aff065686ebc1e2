package service

import (
	"testing"
	"time"
)

func TestResume(t *testing.T) {
	running := life{State: Running, Pid: 7, Started: epoch, Restarts: 3, Failures: 2, Tried: true}
	with := func(s State, pid int) *record {
		l := running
		l.State, l.Pid = s, pid
		return &record{Life: l}
	}
	tests := []struct {
		name  string
		old   *record
		found found
		state State
		event bool // that it has ended, who knows how
	}{
		{"new", nil, nothing, Waiting, false},
		{"left by another", nil, over, Waiting, false},
		{"record lost", nil, alive, Running, false},
		{"runs", with(Running, 7), alive, Running, false},
		{"ready", with(Ready, 7), alive, Ready, false},
		{"not ready yet: nobody will hear it", with(Starting, 7), alive, Running, false},
		{"started, and not written down", with(Starting, 0), alive, Running, false},
		{"killed in create", with(Starting, 0), halfMade, Waiting, false},
		{"killed before create", with(Starting, 0), nothing, Waiting, false},
		{"ended meanwhile", with(Running, 7), over, Running, true},
		{"gone meanwhile", with(Ready, 7), nothing, Ready, true},
		{"was being stopped", with(Stopping, 7), alive, Stopping, false},
		{"was stopped", with(Stopping, 7), over, Stopping, true},
		{"stopped by hand", with(Stopped, 0), nothing, Stopped, false},
		{"failed", with(Failed, 0), over, Failed, false},
		{"backs off", with(BackingOff, 0), nothing, BackingOff, false},
		{"was not its turn", with(Waiting, 0), nothing, Waiting, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			pid := 0
			if tt.found == alive {
				pid = 7
			}
			l, event := resume(defaults(), tt.old, tt.found, pid, epoch.Add(time.Hour))
			if l.State != tt.state || (event != nil) != tt.event || l.Launching {
				t.Errorf("%+v, %v; want %s, %v", l, event, tt.state, tt.event)
			}
			if tt.found == alive && (l.Pid != 7 || !l.Tried) {
				t.Errorf("%+v", l)
			}
			if tt.old != nil && l.Restarts != 3 {
				t.Errorf("%d restarts", l.Restarts)
			}
			if event == nil {
				return
			}
			after, _ := l.on(defaults(), *event, epoch.Add(time.Hour))
			if want := map[State]State{Running: BackingOff, Ready: BackingOff, Stopping: Stopped}[l.State]; after.State != want {
				t.Errorf("then %s; want %s", after.State, want)
			}
		})
	}
}

// A stop that was under way is gone on with, to the same goal, in the time it
// has.
func TestResumeStopping(t *testing.T) {
	old := &record{Life: life{State: Stopping, Pid: 7, Goal: again, Started: epoch}}
	l, _ := resume(defaults(), old, alive, 7, epoch)
	if l.Goal != again || !l.Deadline.Equal(epoch.Add(10*time.Second)) {
		t.Errorf("%+v", l)
	}
	if l, action := l.on(defaults(), event{Kind: ended, Exit: exited(0)}, epoch); l.State != Starting || action != launch {
		t.Errorf("%+v, %d", l, action)
	}
}

func TestRecord(t *testing.T) {
	path := t.TempDir() + "/record.json"
	if r, err := readRecord(path, "boot"); r != nil || err != nil {
		t.Fatal(r, err)
	}
	last := exited(3)
	want := record{Boot: "boot", External: true, Life: life{State: BackingOff, Since: epoch, Last: &last, Restarts: 2, Failures: 1, Tried: true, Deadline: epoch}}
	if err := want.write(path); err != nil {
		t.Fatal(err)
	}
	got, err := readRecord(path, "boot")
	if err != nil || string(line(got)) != string(line(want)) || !got.Life.Deadline.Equal(epoch) {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
	if r, err := readRecord(path, "another boot"); r != nil || err != nil {
		t.Error("of another start of the machine:", r, err)
	}
}
