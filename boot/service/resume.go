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
func resume(c config, old *record, f found, pid int, now time.Time) (life, *event) {
	if old == nil {
		l := life{State: Waiting, Since: now}
		if f == alive { // the record is lost, the service is not
			l = life{State: Running, Since: now, Started: now, Pid: pid, Tried: true}
		}
		return l, nil
	}
	l := old.Life
	l.Launching = false
	switch {
	case f == alive:
		return resumeAlive(c, l, pid, now)
	case l.State.resting() || l.State == BackingOff || l.State == Waiting:
		return l, nil
	case l.Pid == 0 && l.State == Starting: // it was killed in the middle of this
		return l.to(Waiting, now), nil
	}
	return l, &event{Kind: ended, Exit: Exit{Unknown: true, Error: "it ended while no supervisor was there", At: now}}
}

func resumeAlive(c config, l life, pid int, now time.Time) (life, *event) {
	if l.Pid != pid {
		l.Pid, l.Started = pid, now
	}
	l.Tried = true
	switch l.State {
	case Running, Ready:
		return l, nil
	case Starting:
		// The socket that it says READY=1 to has died with the supervisor.
		l.Deadline = time.Time{}
		return l.to(Running, now), nil
	case Stopping:
		g := l.Goal
		l.State = Running
		l, _ = l.stop(c, g, now)
		return l, nil
	}
	// It was started while nothing was written: it runs, whatever was said.
	l.Deadline = time.Time{}
	return l.to(Running, now), nil
}
