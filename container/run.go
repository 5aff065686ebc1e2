package container

import (
	"errors"
	"syscall"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/plan"
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
	m, err := makeContainer(&o, false)
	if err != nil {
		return 0, err
	}
	defer m.dir.Close()
	if err := m.dir.Unlock(); err != nil { // others may look at it while it runs
		return 0, err
	}
	return m.accompany()
}

// accompany waits for the program in the foreground, and removes the container.
func (m *making) accompany() (status int, err error) {
	defer m.console.end() // a panic must not leave the terminal raw
	if err := m.console.begin(m.init, m.dir.File()); err != nil {
		return 0, m.giveUp(err)
	}
	if err := m.poststart(); err != nil {
		return 0, m.giveUp(err)
	}
	m.trace.phase("program")
	status = waitFor(m.init.Pid)
	err = m.console.end()
	if m.o.Keep {
		return status, err
	}
	m.trace.phase("remove")
	defer m.trace.end()
	return status, errors.Join(err, m.removeAfterRun())
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
		return m.giveUp(err)
	}
	return nil
}

// giveUp ends a program that has been started, because of err.
func (m *making) giveUp(err error) error {
	return errors.Join(err, m.init.Kill(), m.removeAfterRun())
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
	if err := m.removeCgroups(); err != nil {
		return err
	}
	if !m.o.NoSubreaper {
		reapKilled()
	}
	return m.remove(nil)
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
