package container

import (
	"errors"
	"os"
	"os/signal"
	"syscall"

	"github.com/keg-project/keg/launch"
	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/plan"
	"github.com/keg-project/keg/relay"
	"github.com/keg-project/keg/state"
)

// Run makes a container, starts it and, unless o.Detach, waits for it and
// removes it. The status is the program's own, or 128+n for signal n.
func Run(o Options) (status int, err error) {
	if o.Detach {
		m, err := makeContainer(&o, false)
		if err != nil {
			return 0, err
		}
		return 0, m.detach()
	}
	if !o.NoSubreaper {
		if err := linux.BecomeSubreaper(); err != nil {
			return 0, err
		}
	}
	pass, err := takeSignals(o.Terminal)
	if err != nil {
		return 0, err
	}
	m, err := makeContainer(&o, false)
	if err != nil {
		return 0, err
	}
	defer m.dir.Close()
	if err := m.dir.Unlock(); err != nil { // others may look at it while it runs
		return 0, err
	}
	pass(m.init)
	if err := m.poststart(); err != nil {
		return 0, errors.Join(err, m.init.Kill(), m.removeAfterRun())
	}
	m.trace.phase("program")
	status = waitFor(m.init.Pid)
	if o.Keep {
		return status, nil
	}
	m.trace.phase("remove")
	defer m.trace.end()
	return status, m.removeAfterRun()
}

// detach leaves a container that runs to itself.
func (m *making) detach() error {
	defer m.dir.Close()
	if !m.plan.HasStep(plan.PoststartHooks) {
		return nil
	}
	if err := m.dir.Unlock(); err != nil {
		return err
	}
	if err := m.poststart(); err != nil {
		return errors.Join(err, m.init.Kill(), m.removeAfterRun())
	}
	return nil
}

// takeSignals takes keg's signals up; pass has them sent to the container.
func takeSignals(terminal bool) (pass func(*launch.Init), err error) {
	if !terminal {
		return func(i *launch.Init) { relay.To(i.SignalFD()) }, relay.Hold()
	}
	signals := make(chan os.Signal, 64)
	signal.Notify(signals)
	return func(i *launch.Init) { go forward(signals, i.Signal) }, nil
}

// forward passes signals on to a container on the caller's terminal. What the
// terminal sends, it sends to the whole foreground group, container and keg:
// once is enough. When it stops the group, keg stops as well, or the caller's
// shell would not get the terminal back.
func forward(signals <-chan os.Signal, send func(syscall.Signal) error) {
	for s := range signals {
		sig, ok := s.(syscall.Signal)
		if !ok || sig == syscall.SIGCHLD || sig == syscall.SIGURG || sig == syscall.SIGPIPE {
			continue // keg's own: its children, its runtime's, its streams
		}
		if !fromTerminal(sig) && send(sig) != nil {
			return // it is gone
		}
		if sig == syscall.SIGTSTP {
			syscall.Kill(os.Getpid(), syscall.SIGSTOP)
		}
	}
}

func fromTerminal(sig syscall.Signal) bool {
	return sig == syscall.SIGINT || sig == syscall.SIGQUIT || sig == syscall.SIGTSTP || sig == syscall.SIGWINCH
}

// waitFor reaps children until the init has ended: as a subreaper keg also
// gets what a container without a pid namespace leaves behind.
func waitFor(pid int) int {
	for {
		var status syscall.WaitStatus
		got, err := syscall.Wait4(-1, &status, 0, nil)
		switch {
		case errors.Is(err, syscall.EINTR), err == nil && got != pid:
			continue
		case err != nil:
			return 255
		case status.Signaled():
			return 128 + int(status.Signal())
		}
		return status.ExitStatus()
	}
}

// removeAfterRun does what delete does, with what is known already.
func (m *making) removeAfterRun() error {
	err := m.dir.Lock(lockTimeout)
	if errors.Is(err, state.ErrNotExist) {
		return nil // someone else deleted it meanwhile
	}
	if err != nil {
		return err
	}
	if m.cgroup != nil {
		if err := emptyAndRemove(m.cgroup); err != nil {
			return err
		}
	}
	if !m.o.NoSubreaper {
		reapKilled()
	}
	return m.remove()
}

// reapKilled reaps what was killed with the cgroup: keg became its parent, and
// whoever is next may not expect zombies.
func reapKilled() {
	for {
		pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil)
		if pid <= 0 && !errors.Is(err, syscall.EINTR) {
			return
		}
	}
}
