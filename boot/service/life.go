package service

import "time"

// State is where a service is in its life.
type State string

// The states.
const (
	Waiting    State = "waiting"     // for those that it comes after
	Starting   State = "starting"    // its container is being made, or it has not said yet that it is ready
	Running    State = "running"     // it never says that it is ready
	Ready      State = "ready"       // it has said so
	BackingOff State = "backing off" // it has ended, and will be started again
	Stopping   State = "stopping"
	Stopped    State = "stopped" // it was stopped, or ended well
	Failed     State = "failed"  // it is not started again by itself
)

// up tells the states in which a service does its work.
func (s State) up() bool { return s == Running || s == Ready }

// resting tells the states in which there is no process, and none will be made
// but by a request.
func (s State) resting() bool { return s == Stopped || s == Failed }

// moving tells the states in which a request is not answered yet.
func (s State) moving() bool { return s == Waiting || s == Starting || s == Stopping }

// kind is what happens to a service.
type kind int

// What happens.
const (
	itsTurn      kind = iota // those that it comes after are up, or have been tried
	launched                 // its program runs
	launchFailed             // and there is nothing left of the attempt
	heardReady               // it has said READY=1
	ended                    // its process has ended, and its container is deleted
	timerFired               // the life's deadline is over
	start                    // somebody asks for it
	stop
	restart
)

// event is what happens to a service, and what is known of it.
type event struct {
	Kind kind
	Pid  int  // launched
	Exit Exit // ended, launchFailed
}

// action is what is to be done then.
type action int

// The actions. Each is answered by an event, but for terminate and kill, whose
// answer is the process's end.
const (
	none action = iota
	launch
	terminate // send the stop signal
	kill      // end all of the container, or a launch that hangs
)

// goal is what comes after the end that a stopping service is brought to.
type goal string

const (
	rest  goal = ""      // it stays stopped
	again goal = "again" // it is started again at once
	judge goal = "judge" // it is a failure, and the policy decides
)

// killAgain is after how long a kill is tried once more: a process in an
// uninterruptible sleep ends when it leaves that.
const killAgain = 10 * time.Second

// life is that of one service: what it is in, and what it is to become.
// It knows no process and no clock: events go in, actions come out.
type life struct {
	State    State     `json:"state"`
	Since    time.Time `json:"since"`
	Pid      int       `json:"pid,omitempty"`
	Started  time.Time `json:"started,omitzero"`   // when the process was
	Restarts int       `json:"restarts,omitempty"` // by the policy, since the supervisor's first start
	Failures int       `json:"failures,omitempty"` // in a row
	Last     *Exit     `json:"last,omitempty"`
	Tried    bool      `json:"tried,omitempty"` // a first attempt is over, or up: who comes after it need not wait
	Goal     goal      `json:"goal,omitempty"`

	heard     bool
	Launching bool      `json:"-"`                 // a launch is under way, so there is no process to signal yet
	Deadline  time.Time `json:"deadline,omitzero"` // when to fire the timer; zero: never
}

// on takes an event in. The zero time of a Deadline is no timer.
func (l life) on(c config, e event, now time.Time) (life, action) {
	switch e.Kind {
	case itsTurn:
		if l.State == Waiting {
			return l.launch(now)
		}
	case launched:
		return l.launched(c, e, now)
	case launchFailed:
		l.Launching = false
		return l.ended(c, e.Exit, now)
	case heardReady:
		l.heard = l.Launching // sooner than its launcher
		if l.State == Starting && !l.Launching {
			return l.ready(now), none
		}
	case ended:
		return l.ended(c, e.Exit, now)
	case timerFired:
		return l.fired(c, now)
	case start:
		return l.start(now)
	case stop:
		return l.stop(c, rest, now)
	case restart:
		if l.State.resting() || l.State == BackingOff {
			return l.start(now)
		}
		return l.stop(c, again, now)
	}
	return l, none
}

func (l life) to(s State, now time.Time) life {
	if l.State != s {
		l.State, l.Since = s, now
	}
	return l
}

func (l life) launch(now time.Time) (life, action) {
	l.Launching, l.heard, l.Goal, l.Deadline = true, false, rest, time.Time{}
	return l.to(Starting, now), launch
}

func (l life) launched(c config, e event, now time.Time) (life, action) {
	l.Launching, l.Pid, l.Started = false, e.Pid, now
	switch {
	case l.State == Stopping: // it was asked to while the launch was under way
		l.Deadline = now.Add(c.Grace)
		return l, terminate
	case c.Notify && l.heard:
		return l.ready(now), none
	case c.Notify:
		l.Deadline = now.Add(c.ReadyTimeout)
		return l, none
	}
	l.Tried = true
	return l.to(Running, now), none
}

func (l life) ready(now time.Time) life {
	l.Deadline, l.Tried = time.Time{}, true
	return l.to(Ready, now)
}

// start begins with a clean sheet: somebody has seen to it.
func (l life) start(now time.Time) (life, action) {
	switch {
	case l.State == Stopping:
		l.Goal = again
		return l, none
	case l.State.resting() || l.State == BackingOff || l.State == Waiting:
		l.Failures = 0
		return l.launch(now)
	}
	return l, none
}

func (l life) stop(c config, g goal, now time.Time) (life, action) {
	switch {
	case l.State == Waiting && g == again: // it will be started anyway
		return l, none
	case l.State == Stopping:
		l.Goal = g
		return l, none
	case l.State.resting():
		return l, none
	case l.State == Waiting || l.State == BackingOff:
		l.Tried, l.Deadline = true, time.Time{}
		return l.to(Stopped, now), none
	}
	l.Goal, l.Deadline = g, now.Add(c.Grace)
	l = l.to(Stopping, now)
	if l.Launching { // who hangs there is killed in the end, as any other
		return l, none
	}
	return l, terminate
}

func (l life) fired(c config, now time.Time) (life, action) {
	l.Deadline = time.Time{}
	switch l.State {
	case BackingOff:
		l.Restarts++
		return l.launch(now)
	case Starting:
		l, a := l.stop(c, judge, now)
		l.Last = &Exit{Error: "not ready within " + c.ReadyTimeout.String(), At: now}
		return l, a
	case Stopping:
		l.Deadline = now.Add(killAgain)
		return l, kill
	}
	return l, none
}

// ended: an end that nobody has asked for is judged by the policy.
func (l life) ended(c config, exit Exit, now time.Time) (life, action) {
	early := c.Notify && l.State == Starting && exit.good()
	if early {
		exit.Error = "it has ended before it was ready"
	}
	if l.Goal == judge && l.Last != nil {
		exit.Error = l.Last.Error
	}
	ran := now.Sub(l.Started)
	if l.Started.IsZero() {
		ran = 0
	}
	l.Last, l.Pid, l.Started, l.Deadline, l.Tried = &exit, 0, time.Time{}, time.Time{}, true
	was, g := l.State, l.Goal
	l.Goal = rest
	switch {
	case was == Stopping && g == rest:
		return l.to(Stopped, now), none
	case was == Stopping && g == again:
		l.Failures = 0
		return l.launch(now)
	}
	return l.judged(c, exit, ran, now), none
}

// judged: a service that has run well for as long as the longest delay has
// recovered from what made it fail before.
func (l life) judged(c config, exit Exit, ran time.Duration, now time.Time) life {
	switch {
	case exit.good() && c.Restart != always:
		l.Failures = 0
		return l.to(Stopped, now)
	case c.Restart == never:
		return l.to(Failed, now)
	}
	if ran >= c.Most {
		l.Failures = 0
	}
	l.Deadline = now.Add(delay(c, l.Failures))
	l.Failures++
	return l.to(BackingOff, now)
}

// delay doubles with each failure in a row.
func delay(c config, failures int) time.Duration {
	d := c.First
	for ; failures > 0 && d < c.Most; failures-- {
		d *= 2
	}
	return min(d, c.Most)
}
