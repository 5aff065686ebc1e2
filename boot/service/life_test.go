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
	event
	state  State
	action action
}

func TestLife(t *testing.T) {
	tests := []struct {
		name   string
		change func(*config)
		steps  []step
	}{
		{"ends well", nil, []step{
			{0, event{Kind: itsTurn}, Starting, launch},
			{0, event{Kind: launched, Pid: 7}, Running, none},
			{time.Second, event{Kind: ended, Exit: exited(0)}, Stopped, none},
			{0, event{Kind: itsTurn}, Stopped, none},
			{0, event{Kind: start}, Starting, launch},
		}},
		{"always", func(c *config) { c.Restart = always }, []step{
			{0, event{Kind: itsTurn}, Starting, launch},
			{0, event{Kind: launched}, Running, none},
			{time.Second, event{Kind: ended, Exit: exited(0)}, BackingOff, none},
			{time.Second, event{Kind: timerFired}, Starting, launch},
		}},
		{"never", func(c *config) { c.Restart = never }, []step{
			{0, event{Kind: itsTurn}, Starting, launch},
			{0, event{Kind: launched}, Running, none},
			{time.Second, event{Kind: ended, Exit: exited(1)}, Failed, none},
			{0, event{Kind: restart}, Starting, launch},
		}},
		{"stop, grace, kill, and kill again", nil, []step{
			{0, event{Kind: itsTurn}, Starting, launch},
			{0, event{Kind: launched}, Running, none},
			{0, event{Kind: stop}, Stopping, terminate},
			{0, event{Kind: stop}, Stopping, none},
			{10 * time.Second, event{Kind: timerFired}, Stopping, kill},
			{10 * time.Second, event{Kind: timerFired}, Stopping, kill},
			{0, event{Kind: ended, Exit: Exit{Signal: "SIGKILL"}}, Stopped, none},
		}},
		{"stop while it is launched", nil, []step{
			{0, event{Kind: itsTurn}, Starting, launch},
			{0, event{Kind: stop}, Stopping, none},
			{0, event{Kind: launched}, Stopping, terminate},
			{0, event{Kind: ended, Exit: exited(0)}, Stopped, none},
		}},
		{"stop while a launch fails", nil, []step{
			{0, event{Kind: itsTurn}, Starting, launch},
			{0, event{Kind: stop}, Stopping, none},
			{0, event{Kind: launchFailed, Exit: Exit{Error: "no"}}, Stopped, none},
		}},
		{"restart", nil, []step{
			{0, event{Kind: itsTurn}, Starting, launch},
			{0, event{Kind: launched}, Running, none},
			{0, event{Kind: restart}, Stopping, terminate},
			{0, event{Kind: ended, Exit: exited(1)}, Starting, launch},
		}},
		{"start while it stops", nil, []step{
			{0, event{Kind: itsTurn}, Starting, launch},
			{0, event{Kind: launched}, Running, none},
			{0, event{Kind: stop}, Stopping, terminate},
			{0, event{Kind: start}, Stopping, none},
			{0, event{Kind: ended, Exit: exited(1)}, Starting, launch},
		}},
		{"restart, then stop", nil, []step{
			{0, event{Kind: itsTurn}, Starting, launch},
			{0, event{Kind: launched}, Running, none},
			{0, event{Kind: restart}, Stopping, terminate},
			{0, event{Kind: stop}, Stopping, none},
			{0, event{Kind: ended, Exit: exited(1)}, Stopped, none},
		}},
		{"readiness", func(c *config) { c.Notify = true }, []step{
			{0, event{Kind: itsTurn}, Starting, launch},
			{0, event{Kind: launched}, Starting, none},
			{0, event{Kind: heardReady}, Ready, none},
			{0, event{Kind: heardReady}, Ready, none},
			{90 * time.Second, event{Kind: timerFired}, Ready, none},
			{0, event{Kind: ended, Exit: exited(1)}, BackingOff, none},
			{0, event{Kind: heardReady}, BackingOff, none},
		}},
		{"ready sooner than the launcher tells", func(c *config) { c.Notify = true }, []step{
			{0, event{Kind: itsTurn}, Starting, launch},
			{0, event{Kind: heardReady}, Starting, none},
			{0, event{Kind: launched}, Ready, none},
			{0, event{Kind: restart}, Stopping, terminate},
			{0, event{Kind: ended}, Starting, launch},
			{0, event{Kind: launched}, Starting, none},
		}},
		{"never ready", func(c *config) { c.Notify = true }, []step{
			{0, event{Kind: itsTurn}, Starting, launch},
			{0, event{Kind: launched}, Starting, none},
			{90 * time.Second, event{Kind: timerFired}, Stopping, terminate},
			{0, event{Kind: ended, Exit: exited(0)}, BackingOff, none},
		}},
		{"well, but before it was ready", func(c *config) { c.Notify = true }, []step{
			{0, event{Kind: itsTurn}, Starting, launch},
			{0, event{Kind: launched}, Starting, none},
			{0, event{Kind: ended, Exit: exited(0)}, BackingOff, none},
		}},
		{"stop before its turn, and while it backs off", nil, []step{
			{0, event{Kind: stop}, Stopped, none},
			{0, event{Kind: itsTurn}, Stopped, none},
			{0, event{Kind: start}, Starting, launch},
			{0, event{Kind: launchFailed, Exit: Exit{Error: "no"}}, BackingOff, none},
			{0, event{Kind: stop}, Stopped, none},
		}},
		{"how it ended is unknown", nil, []step{
			{0, event{Kind: itsTurn}, Starting, launch},
			{0, event{Kind: launched}, Running, none},
			{0, event{Kind: ended, Exit: Exit{Unknown: true}}, BackingOff, none},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, l, now := defaults(), life{State: Waiting}, epoch
			if tt.change != nil {
				tt.change(&c)
			}
			for i, s := range tt.steps {
				now = now.Add(s.after)
				var a action
				if l, a = l.on(c, s.event, now); l.State != s.state || a != s.action {
					t.Fatalf("step %d: %s, action %d; want %s, %d", i, l.State, a, s.state, s.action)
				}
			}
		})
	}
}

// The delays double up to the most, and are short again after a good run.
func TestBackoff(t *testing.T) {
	c, l, now := defaults(), life{State: Waiting}, epoch
	l, _ = l.on(c, event{Kind: itsTurn}, now)
	crash := func(ran time.Duration) time.Duration {
		l, _ = l.on(c, event{Kind: launched, Pid: 1}, now)
		now = now.Add(ran)
		l, _ = l.on(c, event{Kind: ended, Exit: exited(1)}, now)
		wait := l.Deadline.Sub(now)
		now = l.Deadline
		l, _ = l.on(c, event{Kind: timerFired}, now)
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
	if l.Restarts != 11 {
		t.Errorf("%d restarts", l.Restarts)
	}
}

func TestNotReadyIsTheReason(t *testing.T) {
	c, l := defaults(), life{State: Waiting}
	c.Notify = true
	for _, kind := range []kind{itsTurn, launched, timerFired} {
		l, _ = l.on(c, event{Kind: kind}, epoch)
	}
	l, _ = l.on(c, event{Kind: ended, Exit: exitOf(syscall.WaitStatus(syscall.SIGTERM), epoch)}, epoch)
	if got := l.Last.String(); got != "SIGTERM: not ready within 1m30s" {
		t.Error(got)
	}
}

// Whatever comes, in whatever order that the supervisor can bring about: one
// process at a time, and a service that moves always has something to wait for.
func TestLifeNeverStuck(t *testing.T) {
	for seed := range int64(500) {
		random := rand.New(rand.NewSource(seed))
		c, l, now := defaults(), life{State: Waiting}, epoch
		c.Notify = random.Intn(2) == 0
		c.Restart = []policy{never, onFailure, always}[random.Intn(3)]
		launching, alive := false, false
		trail := ""
		for range 60 {
			kinds := []kind{start, stop, restart}
			if l.State == Waiting {
				kinds = append(kinds, itsTurn)
			}
			if launching {
				kinds = append(kinds, launched, launchFailed, heardReady)
			}
			if alive {
				kinds = append(kinds, ended, heardReady)
			}
			if !l.Deadline.IsZero() {
				kinds = append(kinds, timerFired)
			}
			e := event{Kind: kinds[random.Intn(len(kinds))], Exit: exited(random.Intn(2))}
			switch e.Kind {
			case launched:
				launching, alive = false, true
			case launchFailed:
				launching = false
			case ended:
				alive = false
			}
			var a action
			l, a = l.on(c, e, now)
			trail += fmt.Sprintf(" %d:%s", e.Kind, l.State)
			if a == launch {
				if launching || alive {
					t.Fatalf("seed %d: launched twice:%s", seed, trail)
				}
				launching = true
			}
			if a == terminate && !alive || a == kill && !alive && !launching {
				t.Fatalf("seed %d: nothing to signal:%s", seed, trail)
			}
			if l.State.resting() && (launching || alive) || l.State.up() && !alive {
				t.Fatalf("seed %d: the state is wrong:%s", seed, trail)
			}
			if l.State == Stopping && l.Deadline.IsZero() || l.State == BackingOff && l.Deadline.IsZero() {
				t.Fatalf("seed %d: stuck:%s", seed, trail)
			}
		}
	}
}
