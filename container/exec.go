package container

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"syscall"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/cgroup"
	"github.com/keg-project/keg/host"
	"github.com/keg-project/keg/launch"
	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/plan"
	"github.com/keg-project/keg/relay"
	"github.com/keg-project/keg/spec"
	"github.com/keg-project/keg/state"
)

// ExecOptions say what runs in a running container, and how.
type ExecOptions struct {
	Process []byte        // JSON of the process (--process); nil: the container's own, with Changes
	Changes ProcessChange // is not for a Process that is given

	Cgroups           []string // "[CONTROLLER[,…]:]PATH" below the container's cgroup; none: where its init is now
	PidFile           string   // "" for none; relative to the caller's working directory
	PreserveFDs       int      // file descriptors beyond standard error that the process inherits
	Detach            bool     // return once the program has started
	IgnorePaused      bool     // start it in a paused container: it runs when that is resumed
	IgnoreUnsupported bool     // fields that keg does not support yet are warnings, not errors

	Warn  func(format string, args ...any) // warnings, one line each; nil: none
	Trace io.Writer                        // where the timeline of the phases goes; nil: none
}

// Exec runs a process in the container and, unless o.Detach, waits for it. The
// status is the process's own, or 128+n for signal n.
func (c *Container) Exec(o ExecOptions) (status int, err error) {
	t := newTrace(o.Trace)
	defer t.end()
	t.phase("state")
	j, err := c.joining(&o)
	if err != nil {
		return 0, err
	}
	defer j.close()
	t.phase("plan")
	if j.process, err = execProcess(j.spec, &o); err != nil {
		return 0, err
	}
	if !o.Detach && !o.IgnorePaused { // held signals could not interrupt the wait for a resume
		if err := relay.Hold(); err != nil {
			return 0, err
		}
	}
	init, err := j.launch(&o, t.phase)
	if err != nil {
		return 0, err
	}
	if err := writePidFile(o.PidFile, init.Pid, c.id); err != nil {
		return 0, errors.Join(err, init.Kill())
	}
	if o.Detach {
		return 0, nil
	}
	if o.IgnorePaused {
		if err := relay.Hold(); err != nil {
			return 0, errors.Join(err, init.Kill())
		}
	}
	relay.To(init.SignalFD())
	t.phase("program")
	return waitFor(init.Pid), nil
}

// joining is a process on its way into a container.
type joining struct {
	id      string
	dir     *state.Dir
	state   state.State
	spec    *oci.Spec
	process *oci.Process
	pidfd   *os.File // the init
	root    *os.File // its root directory; nil: that of its mount namespace
	types   uint64   // CLONE_NEW* of the namespaces to join
	cgroup  *cgroup.Cgroup
}

// joining finds out what there is to join. It takes no lock: a probe must not
// wait for a command that works on the container. The pidfd stays with the
// init that was recorded, whatever happens meanwhile.
func (c *Container) joining(o *ExecOptions) (j *joining, err error) {
	j = &joining{id: c.id}
	defer func() {
		if err != nil {
			j.close()
		}
	}()
	if j.dir, err = state.Open(c.root, c.id); err != nil {
		return j, err
	}
	if j.state, err = j.dir.Read(); err != nil {
		return j, err
	}
	if err := j.allowed(o.IgnorePaused); err != nil {
		return j, err
	}
	config, err := j.dir.Config()
	if err != nil {
		return j, err
	}
	if j.spec, err = spec.Decode(config); err != nil {
		return j, err
	}
	return j, j.openInit()
}

func (j *joining) allowed(ignorePaused bool) error {
	f, err := facts(j.dir, j.state)
	if err != nil {
		return err
	}
	f.Locked = j.state.Pid == 0 && j.dir.Locked()
	if ignorePaused {
		f.Frozen = false
	}
	return f.Status().Allow(state.Exec, j.id)
}

func (j *joining) openInit() error {
	fd, err := linux.PidfdOpen(j.state.Pid)
	if err != nil {
		return j.gone(err)
	}
	j.pidfd = os.NewFile(uintptr(fd), "pidfd")
	if j.types, err = foreignNamespaces(j.state.Pid); err != nil {
		return j.gone(err)
	}
	if j.types&linux.CLONE_NEWNS == 0 {
		if j.root, err = linux.OpenDirectory("/proc/" + strconv.Itoa(j.state.Pid) + "/root"); err != nil {
			return j.gone(err)
		}
	}
	if !state.Alive(j.state.Pid, j.state.StartTime) { // asked after all of it was opened
		return j.gone(syscall.ESRCH)
	}
	return nil
}

// gone: an init that has ended meanwhile is no fault of keg's.
func (j *joining) gone(err error) error {
	if errors.Is(err, syscall.ESRCH) || errors.Is(err, os.ErrNotExist) {
		return state.Stopped.Allow(state.Exec, j.id)
	}
	if errors.Is(err, os.ErrPermission) {
		return fmt.Errorf("container %q: %w (hint: only who made the container may enter it, and an ordinary user not before its program has started)", j.id, err)
	}
	return err
}

func (j *joining) close() {
	for _, f := range []*os.File{j.pidfd, j.root} {
		if f != nil {
			f.Close()
		}
	}
	if j.dir != nil {
		j.dir.Close()
	}
}

// launch starts the process where the init is now or, where that cgroup is
// gone by then, in the container's own.
func (j *joining) launch(o *ExecOptions, phase func(string)) (*launch.Init, error) {
	own, err := j.findCgroup(o.Cgroups)
	if err != nil {
		return nil, err
	}
	init, err := j.try(o, phase)
	if own != j.cgroup && (errors.Is(err, syscall.ENODEV) || errors.Is(err, syscall.ENOENT)) && len(o.Cgroups) == 0 {
		j.cgroup = own
		return j.try(o, phase)
	}
	return init, err
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
		PreserveFDs: o.PreserveFDs, NoNewKeyring: j.state.NoNewKeyring, IgnoreUnsupported: o.IgnoreUnsupported,
	}
	if j.cgroup != nil {
		in.Host.CgroupMounts = cgroupMounts(j.cgroup.Dirs())
	}
	p, err := plan.CompileJoin(in, plan.Join{Types: j.types, Root: j.root != nil})
	if err != nil {
		return nil, err
	}
	for _, w := range p.Warnings {
		if o.Warn != nil {
			o.Warn("%s", w)
		}
	}
	return launch.Launch(p, launch.Env{
		Dir: j.dir.File(), Cgroup: j.cgroup, Pidfd: j.pidfd, Root: j.root, UID: int(j.process.User.UID), Phase: phase,
	})
}
