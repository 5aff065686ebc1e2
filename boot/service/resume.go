package service

import "time"

// found is what there is of a service's container when a supervisor begins.
type found int

const (
	nothing  found = iota
	halfMade       // made, but its program was not started
	alive
	over // its program has ended
)

// resume is the life of a service from what the supervisor before this one has
// written down, and from what is there now. What has happened in between is in
// the event, if there is one.
func resume(c Config, old *record, f found, pid int, now time.Time) (Machine, *Event) {
	if old == nil {
		m := Machine{State: Waiting, Since: now}
		if f == alive { // the record is lost, the service is not
			m = Machine{State: Running, Since: now, Started: now, Pid: pid, Tried: true}
		}
		return m, nil
	}
	m := old.Machine
	m.Launching = false
	switch {
	case f == alive:
		return resumeAlive(c, m, pid, now)
	case m.State.resting() || m.State == BackingOff || m.State == Waiting:
		return m, nil
	case m.Pid == 0 && m.State == Starting: // it was killed in the middle of this
		return m.to(Waiting, now), nil
	}
	return m, &Event{Kind: Ended, Exit: Exit{Unknown: true, At: now}}
}

func resumeAlive(c Config, m Machine, pid int, now time.Time) (Machine, *Event) {
	if m.Pid != pid {
		m.Pid, m.Started = pid, now
	}
	m.Tried = true
	switch m.State {
	case Running, Ready:
		return m, nil
	case Starting:
		// The socket that it says READY=1 to has died with the supervisor.
		m.Deadline = time.Time{}
		return m.to(Running, now), nil
	case Stopping:
		g := m.Goal
		m.State = Running
		m, _ = m.stop(c, g, now)
		return m, nil
	}
	// It was started while nothing was written: it runs, whatever was said.
	m.Deadline = time.Time{}
	return m.to(Running, now), nil
}
