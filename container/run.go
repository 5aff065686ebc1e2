package container

import (
	"errors"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/keg-project/keg/linux"
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
		return 0, m.dir.Close()
	}
	if !o.NoSubreaper {
		if err := linux.BecomeSubreaper(); err != nil {
			return 0, err
		}
	}
	signals := make(chan os.Signal, 64)
	signal.Notify(signals, usualSignals...)
	defer signal.Stop(signals)
	m, err := makeContainer(&o, false)
	if err != nil {
		return 0, err
	}
	defer m.dir.Close()
	if err := m.dir.Unlock(); err != nil { // others may look at it while it runs
		return 0, err
	}
	go forward(signals, o.Terminal, m.init.Signal)
	defer time.AfterFunc(settled, func() { signal.Notify(signals) }).Stop()
	m.trace.phase("program")
	status = waitFor(m.init.Pid)
	if o.Keep {
		return status, nil
	}
	m.trace.phase("remove")
	defer m.trace.end()
	return status, m.removeAfterRun()
}

// usualSignals are what people and engines send. Go's runtime switches threads
// four times to take up one signal: all 64 would cost a container that runs
// /bin/true a quarter of its time, so the others follow once it has settled.
var usualSignals = []os.Signal{
	syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM, syscall.SIGUSR1, syscall.SIGUSR2,
}

const settled = 20 * time.Millisecond

// forward passes signals on to the container. What a terminal sends, it sends
// to the whole foreground group, container and keg: once is enough. When a
// terminal stops the group, keg stops as well, or the caller's shell would not
// get the terminal back.
func forward(signals <-chan os.Signal, terminal bool, send func(syscall.Signal) error) {
	for s := range signals {
		sig, ok := s.(syscall.Signal)
		if !ok || sig == syscall.SIGCHLD || sig == syscall.SIGURG || sig == syscall.SIGPIPE {
			continue // keg's own: its children, its runtime's, its streams
		}
		if !(terminal && fromTerminal(sig)) && send(sig) != nil {
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
	return m.dir.Remove()
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
