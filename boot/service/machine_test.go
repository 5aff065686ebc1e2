package service

import (
	"fmt"
	"math/rand"
	"strings"
	"syscall"
	"testing"
	"time"
)

var epoch = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func exited(code int) Exit { return Exit{Code: &code, At: epoch} }

// step is an event some time after the one before.
type step struct {
	after time.Duration
	Event
	state  State
	action Action
}

func TestMachine(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Config)
		steps  []step
	}{
		{"ends well", nil, []step{
			{0, Event{Kind: Go}, Starting, Launch},
			{0, Event{Kind: Launched, Pid: 7}, Running, None},
			{time.Second, Event{Kind: Ended, Exit: exited(0)}, Stopped, None},
			{0, Event{Kind: Go}, Stopped, None},
			{0, Event{Kind: Start}, Starting, Launch},
		}},
		{"always", func(c *Config) { c.Restart = Always }, []step{
			{0, Event{Kind: Go}, Starting, Launch},
			{0, Event{Kind: Launched}, Running, None},
			{time.Second, Event{Kind: Ended, Exit: exited(0)}, BackingOff, None},
			{time.Second, Event{Kind: TimerFired}, Starting, Launch},
		}},
		{"never", func(c *Config) { c.Restart = Never }, []step{
			{0, Event{Kind: Go}, Starting, Launch},
			{0, Event{Kind: Launched}, Running, None},
			{time.Second, Event{Kind: Ended, Exit: exited(1)}, Failed, None},
			{0, Event{Kind: Restart}, Starting, Launch},
		}},
		{"stop, grace, kill, and kill again", nil, []step{
			{0, Event{Kind: Go}, Starting, Launch},
			{0, Event{Kind: Launched}, Running, None},
			{0, Event{Kind: Stop}, Stopping, Terminate},
			{0, Event{Kind: Stop}, Stopping, None},
			{10 * time.Second, Event{Kind: TimerFired}, Stopping, Kill},
			{10 * time.Second, Event{Kind: TimerFired}, Stopping, Kill},
			{0, Event{Kind: Ended, Exit: Exit{Signal: "SIGKILL"}}, Stopped, None},
		}},
		{"stop while it is launched", nil, []step{
			{0, Event{Kind: Go}, Starting, Launch},
			{0, Event{Kind: Stop}, Stopping, None},
			{0, Event{Kind: Launched}, Stopping, Terminate},
			{0, Event{Kind: Ended, Exit: exited(0)}, Stopped, None},
		}},
		{"stop while a launch fails", nil, []step{
			{0, Event{Kind: Go}, Starting, Launch},
			{0, Event{Kind: Stop}, Stopping, None},
			{0, Event{Kind: LaunchFailed, Exit: Exit{Error: "no"}}, Stopped, None},
		}},
		{"restart", nil, []step{
			{0, Event{Kind: Go}, Starting, Launch},
			{0, Event{Kind: Launched}, Running, None},
			{0, Event{Kind: Restart}, Stopping, Terminate},
			{0, Event{Kind: Ended, Exit: exited(1)}, Starting, Launch},
		}},
		{"start while it stops", nil, []step{
			{0, Event{Kind: Go}, Starting, Launch},
			{0, Event{Kind: Launched}, Running, None},
			{0, Event{Kind: Stop}, Stopping, Terminate},
			{0, Event{Kind: Start}, Stopping, None},
			{0, Event{Kind: Ended, Exit: exited(1)}, Starting, Launch},
		}},
		{"restart, then stop", nil, []step{
			{0, Event{Kind: Go}, Starting, Launch},
			{0, Event{Kind: Launched}, Running, None},
			{0, Event{Kind: Restart}, Stopping, Terminate},
			{0, Event{Kind: Stop}, Stopping, None},
			{0, Event{Kind: Ended, Exit: exited(1)}, Stopped, None},
		}},
		{"readiness", func(c *Config) { c.Notify = true }, []step{
			{0, Event{Kind: Go}, Starting, Launch},
			{0, Event{Kind: Launched}, Starting, None},
			{0, Event{Kind: HeardReady}, Ready, None},
			{0, Event{Kind: HeardReady}, Ready, None},
			{90 * time.Second, Event{Kind: TimerFired}, Ready, None},
			{0, Event{Kind: Ended, Exit: exited(1)}, BackingOff, None},
			{0, Event{Kind: HeardReady}, BackingOff, None},
		}},
		{"ready sooner than the launcher tells", func(c *Config) { c.Notify = true }, []step{
			{0, Event{Kind: Go}, Starting, Launch},
			{0, Event{Kind: HeardReady}, Starting, None},
			{0, Event{Kind: Launched}, Ready, None},
			{0, Event{Kind: Restart}, Stopping, Terminate},
			{0, Event{Kind: Ended}, Starting, Launch},
			{0, Event{Kind: Launched}, Starting, None},
		}},
		{"never ready", func(c *Config) { c.Notify = true }, []step{
			{0, Event{Kind: Go}, Starting, Launch},
			{0, Event{Kind: Launched}, Starting, None},
			{90 * time.Second, Event{Kind: TimerFired}, Stopping, Terminate},
			{0, Event{Kind: Ended, Exit: exited(0)}, BackingOff, None},
		}},
		{"well, but before it was ready", func(c *Config) { c.Notify = true }, []step{
			{0, Event{Kind: Go}, Starting, Launch},
			{0, Event{Kind: Launched}, Starting, None},
			{0, Event{Kind: Ended, Exit: exited(0)}, BackingOff, None},
		}},
		{"stop before its turn, and while it backs off", nil, []step{
			{0, Event{Kind: Stop}, Stopped, None},
			{0, Event{Kind: Go}, Stopped, None},
			{0, Event{Kind: Start}, Starting, Launch},
			{0, Event{Kind: LaunchFailed, Exit: Exit{Error: "no"}}, BackingOff, None},
			{0, Event{Kind: Stop}, Stopped, None},
		}},
		{"how it ended is unknown", nil, []step{
			{0, Event{Kind: Go}, Starting, Launch},
			{0, Event{Kind: Launched}, Running, None},
			{0, Event{Kind: Ended, Exit: Exit{Unknown: true}}, BackingOff, None},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, m, now := defaults(), Machine{State: Waiting}, epoch
			if tt.change != nil {
				tt.change(&c)
			}
			for i, s := range tt.steps {
				now = now.Add(s.after)
				var action Action
				if m, action = m.On(c, s.Event, now); m.State != s.state || action != s.action {
					t.Fatalf("step %d: %s, action %d; want %s, %d", i, m.State, action, s.state, s.action)
				}
			}
		})
	}
}

// The delays double up to the most, and are short again after a good run.
func TestBackoff(t *testing.T) {
	c, m, now := defaults(), Machine{State: Waiting}, epoch
	m, _ = m.On(c, Event{Kind: Go}, now)
	crash := func(ran time.Duration) time.Duration {
		m, _ = m.On(c, Event{Kind: Launched, Pid: 1}, now)
		now = now.Add(ran)
		m, _ = m.On(c, Event{Kind: Ended, Exit: exited(1)}, now)
		wait := m.Deadline.Sub(now)
		now = m.Deadline
		m, _ = m.On(c, Event{Kind: TimerFired}, now)
		return wait
	}
	var waits []string
	for range 8 {
		waits = append(waits, crash(0).String())
	}
	waits = append(waits, crash(59*time.Second).String(), crash(time.Minute).String(), crash(0).String())
	if got, want := strings.Join(waits, " "), "1s 2s 4s 8s 16s 32s 1m0s 1m0s 1m0s 1s 2s"; got != want {
		t.Errorf("%s; want %s", got, want)
	}
	if m.Restarts != 11 {
		t.Errorf("%d restarts", m.Restarts)
	}
}

func TestNotReadyIsTheReason(t *testing.T) {
	c, m := defaults(), Machine{State: Waiting}
	c.Notify = true
	for _, kind := range []Kind{Go, Launched, TimerFired} {
		m, _ = m.On(c, Event{Kind: kind}, epoch)
	}
	m, _ = m.On(c, Event{Kind: Ended, Exit: ExitOf(syscall.WaitStatus(syscall.SIGTERM), epoch)}, epoch)
	if got := m.Last.String(); got != "SIGTERM: not ready within 1m30s" {
		t.Error(got)
	}
}

// Whatever comes, in whatever order that the supervisor can bring about: one
// process at a time, and a service that moves always has something to wait for.
func TestMachineNeverStuck(t *testing.T) {
	for seed := range int64(500) {
		random := rand.New(rand.NewSource(seed))
		c, m, now := defaults(), Machine{State: Waiting}, epoch
		c.Notify = random.Intn(2) == 0
		c.Restart = []Policy{Never, OnFailure, Always}[random.Intn(3)]
		launching, alive := false, false
		trail := ""
		for range 60 {
			kinds := []Kind{Start, Stop, Restart}
			if m.State == Waiting {
				kinds = append(kinds, Go)
			}
			if launching {
				kinds = append(kinds, Launched, LaunchFailed, HeardReady)
			}
			if alive {
				kinds = append(kinds, Ended, HeardReady)
			}
			if !m.Deadline.IsZero() {
				kinds = append(kinds, TimerFired)
			}
			e := Event{Kind: kinds[random.Intn(len(kinds))], Exit: exited(random.Intn(2))}
			switch e.Kind {
			case Launched:
				launching, alive = false, true
			case LaunchFailed:
				launching = false
			case Ended:
				alive = false
			}
			var action Action
			m, action = m.On(c, e, now)
			trail += fmt.Sprintf(" %d:%s", e.Kind, m.State)
			if action == Launch {
				if launching || alive {
					t.Fatalf("seed %d: launched twice:%s", seed, trail)
				}
				launching = true
			}
			if action == Terminate && !alive || action == Kill && !alive && !launching {
				t.Fatalf("seed %d: nothing to signal:%s", seed, trail)
			}
			if m.State.resting() && (launching || alive) || m.State.up() && !alive {
				t.Fatalf("seed %d: the state is wrong:%s", seed, trail)
			}
			if m.State == Stopping && m.Deadline.IsZero() || m.State == BackingOff && m.Deadline.IsZero() {
				t.Fatalf("seed %d: stuck:%s", seed, trail)
			}
		}
	}
}
