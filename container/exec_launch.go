package container

import (
	"errors"
	"fmt"
	"slices"
	"syscall"
	"time"

	"github.com/keg-project/keg/host"
	"github.com/keg-project/keg/launch"
	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/plan"
	"github.com/keg-project/keg/resctrl"
	"github.com/keg-project/keg/state"
)

// launch starts the process where the init is now or, where that cgroup is
// gone by then or takes no process any more, where it is next or in the
// container's own.
func (j *joining) launch(o *ExecOptions, phase func(string)) (*launch.Init, error) {
	const attempts = 3
	for attempt := 1; ; attempt++ {
		own, err := j.findCgroup(o.Cgroups)
		if err != nil && j.hasEnded(err) {
			return nil, state.Stopped.Allow(state.Exec, j.id)
		}
		if err != nil {
			return nil, err
		}
		if attempt == attempts && own != nil {
			j.cgroup = own
		}
		if own != nil && !slices.Equal(own.Dirs(), j.cgroup.Dirs()) { // its own was looked at before
			if err := j.notFrozen(o.IgnorePaused); err != nil {
				return nil, err
			}
		}
		init, err := j.try(o, phase)
		switch {
		case err == nil:
			return init, nil
		case j.hasEnded(err):
			return nil, state.Stopped.Allow(state.Exec, j.id)
		case j.refusedByKernel(err):
			j.attach = true
		case attempt >= attempts || len(o.Cgroups) > 0 || !aboutCgroup(err):
			return nil, err
		}
	}
}

func (j *joining) try(o *ExecOptions, phase func(string)) (*launch.Init, error) {
	phase("plan")
	facts, err := host.Detect()
	if err != nil {
		return nil, err
	}
	with := *j.spec
	with.Process = j.process
	in := plan.Input{
		Spec: &with, ID: j.id, Bundle: j.state.Bundle, Host: planFacts(facts, &with),
		ListenFDs: o.ListenFDs, ListenNames: o.ListenNames, PreserveFDs: o.PreserveFDs, Created: j.state.Created.UnixNano(), NoNewKeyring: j.state.NoNewKeyring,
	}
	if j.cgroup != nil {
		in.Host.CgroupMounts = cgroupMounts(j.cgroup.Dirs())
	}
	p, err := plan.CompileJoin(in, j.as)
	if err != nil {
		return nil, err
	}
	passWarnings(p, o.Warn)
	env := launch.Env{
		Dir: j.dir.File(), Cgroup: j.cgroup, Pidfd: j.pidfd, Root: j.root, Stdio: j.stdio, Console: j.console.take, UID: int(j.process.User.UID), Phase: phase,
		Born:     func(pid int) error { return j.born(o, pid) },
		Listener: listenerOf(j.spec, &j.state, state.Running),
		Waiting:  func() error { return j.waiting(o.IgnorePaused) },
	}
	if j.attach {
		env.Cgroup = nil
	}
	return launch.Launch(p, env)
}

// hasEnded tells whether the init's end is why there is no process. When an
// init ends, the kernel kills what is in its pid namespace, and only then is
// its pidfd readable.
func (j *joining) hasEnded(err error) bool {
	if errors.Is(err, launch.ErrEnded) || errors.Is(err, syscall.ESRCH) || errors.Is(err, syscall.ENOMEM) {
		return j.endsWithin(2 * time.Second) // on a busy machine its last steps take a while
	}
	return linux.PidfdWait(int(j.pidfd.Fd()), 0) == nil
}

func (j *joining) endsWithin(limit time.Duration) bool {
	return linux.PidfdWait(int(j.pidfd.Fd()), limit) == nil
}

// waiting is why keg does not go on waiting for a process that has not got to
// its program: somebody froze it on its way, or wants keg to end.
func (j *joining) waiting(ignorePaused bool) error {
	if sig := endingSignal(); sig != 0 {
		return fmt.Errorf("cannot exec container %q: signal %d (%v) came before the program ran", j.id, sig, sig)
	}
	return j.notFrozen(ignorePaused)
}

// born does what takes the process's pid, before it may go on.
func (j *joining) born(o *ExecOptions, pid int) error {
	if !o.Detach {
		// Until here a signal ends keg, and the process ends with it.
		if err := j.console.hold(); err != nil {
			return err
		}
	}
	if err := j.enterUnit(pid); err != nil {
		return err
	}
	if err := rdtError(resctrl.Group(j.state.Resctrl).Join(pid)); err != nil {
		return err
	}
	return sendPidfd(j.receiver, pid, "setns")
}
