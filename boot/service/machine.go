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

// Kind is what happens to a service.
type Kind int

// What happens.
const (
	Go           Kind = iota // those that it comes after are up, or have been tried
	Launched                 // its program runs
	LaunchFailed             // and there is nothing left of the attempt
	HeardReady               // it has said READY=1
	Ended                    // its process has ended, and its container is deleted
	TimerFired               // the machine's deadline is over
	Start                    // somebody asks for it
	Stop
	Restart
)

// Event is what happens to a service, and what is known of it.
type Event struct {
	Kind Kind
	Pid  int  // Launched
	Exit Exit // Ended, LaunchFailed
}

// Action is what is to be done then.
type Action int

// The actions. Each is answered by an event, but for Terminate and Kill, whose
// answer is the process's end.
const (
	None Action = iota
	Launch
	Terminate // send the stop signal
	Kill      // end all of the container, or a launch that hangs
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

// Machine is the life of one service: what it is in, and what it is to become.
// It knows no process and no clock: events go in, actions come out.
type Machine struct {
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

// On takes an event in. The zero time of a Deadline is no timer.
func (m Machine) On(c Config, e Event, now time.Time) (Machine, Action) {
	switch e.Kind {
	case Go:
		if m.State == Waiting {
			return m.launch(now)
		}
	case Launched:
		return m.launched(c, e, now)
	case LaunchFailed:
		m.Launching = false
		return m.ended(c, e.Exit, now)
	case HeardReady:
		m.heard = m.Launching // sooner than its launcher
		if m.State == Starting && !m.Launching {
			return m.ready(now), None
		}
	case Ended:
		return m.ended(c, e.Exit, now)
	case TimerFired:
		return m.fired(c, now)
	case Start:
		return m.start(now)
	case Stop:
		return m.stop(c, rest, now)
	case Restart:
		if m.State.resting() || m.State == BackingOff {
			return m.start(now)
		}
		return m.stop(c, again, now)
	}
	return m, None
}

func (m Machine) to(s State, now time.Time) Machine {
	if m.State != s {
		m.State, m.Since = s, now
	}
	return m
}

func (m Machine) launch(now time.Time) (Machine, Action) {
	m.Launching, m.heard, m.Goal, m.Deadline = true, false, rest, time.Time{}
	return m.to(Starting, now), Launch
}

func (m Machine) launched(c Config, e Event, now time.Time) (Machine, Action) {
	m.Launching, m.Pid, m.Started = false, e.Pid, now
	switch {
	case m.State == Stopping: // it was asked to while the launch was under way
		m.Deadline = now.Add(c.Grace)
		return m, Terminate
	case c.Notify && m.heard:
		return m.ready(now), None
	case c.Notify:
		m.Deadline = now.Add(c.ReadyTimeout)
		return m, None
	}
	m.Tried = true
	return m.to(Running, now), None
}

func (m Machine) ready(now time.Time) Machine {
	m.Deadline, m.Tried = time.Time{}, true
	return m.to(Ready, now)
}

// start begins with a clean sheet: somebody has seen to it.
func (m Machine) start(now time.Time) (Machine, Action) {
	switch {
	case m.State == Stopping:
		m.Goal = again
		return m, None
	case m.State.resting() || m.State == BackingOff || m.State == Waiting:
		m.Failures = 0
		return m.launch(now)
	}
	return m, None
}

func (m Machine) stop(c Config, g goal, now time.Time) (Machine, Action) {
	switch {
	case m.State == Waiting && g == again: // it will be started anyway
		return m, None
	case m.State == Stopping:
		m.Goal = g
		return m, None
	case m.State.resting():
		return m, None
	case m.State == Waiting || m.State == BackingOff:
		m.Tried, m.Deadline = true, time.Time{}
		return m.to(Stopped, now), None
	}
	m.Goal, m.Deadline = g, now.Add(c.Grace)
	m = m.to(Stopping, now)
	if m.Launching { // who hangs there is killed in the end, as any other
		return m, None
	}
	return m, Terminate
}

func (m Machine) fired(c Config, now time.Time) (Machine, Action) {
	m.Deadline = time.Time{}
	switch m.State {
	case BackingOff:
		m.Restarts++
		return m.launch(now)
	case Starting:
		m, action := m.stop(c, judge, now)
		m.Last = &Exit{Error: "not ready within " + c.ReadyTimeout.String(), At: now}
		return m, action
	case Stopping:
		m.Deadline = now.Add(killAgain)
		return m, Kill
	}
	return m, None
}

// ended: an end that nobody has asked for is judged by the policy.
func (m Machine) ended(c Config, exit Exit, now time.Time) (Machine, Action) {
	early := c.Notify && m.State == Starting && exit.good()
	if early {
		exit.Error = "it has ended before it was ready"
	}
	if m.Goal == judge && m.Last != nil {
		exit.Error = m.Last.Error
	}
	ran := now.Sub(m.Started)
	if m.Started.IsZero() {
		ran = 0
	}
	m.Last, m.Pid, m.Started, m.Deadline, m.Tried = &exit, 0, time.Time{}, time.Time{}, true
	was, g := m.State, m.Goal
	m.Goal = rest
	switch {
	case was == Stopping && g == rest:
		return m.to(Stopped, now), None
	case was == Stopping && g == again:
		m.Failures = 0
		return m.launch(now)
	}
	return m.judged(c, exit, ran, now), None
}

// judged: a service that has run well for as long as the longest delay has
// recovered from what made it fail before.
func (m Machine) judged(c Config, exit Exit, ran time.Duration, now time.Time) Machine {
	switch {
	case exit.good() && c.Restart != Always:
		m.Failures = 0
		return m.to(Stopped, now)
	case c.Restart == Never:
		return m.to(Failed, now)
	}
	if ran >= c.Most {
		m.Failures = 0
	}
	m.Deadline = now.Add(delay(c, m.Failures))
	m.Failures++
	return m.to(BackingOff, now)
}

// delay doubles with each failure in a row.
func delay(c Config, failures int) time.Duration {
	d := c.First
	for ; failures > 0 && d < c.Most; failures-- {
		d *= 2
	}
	return min(d, c.Most)
}
