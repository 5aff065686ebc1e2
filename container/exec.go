package container

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"syscall"
	"time"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/cgroup"
	"github.com/keg-project/keg/host"
	"github.com/keg-project/keg/launch"
	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/plan"
	"github.com/keg-project/keg/relay"
	"github.com/keg-project/keg/resctrl"
	"github.com/keg-project/keg/spec"
	"github.com/keg-project/keg/state"
)

// ExecOptions say what runs in a running container, and how.
type ExecOptions struct {
	Process []byte        // JSON of the process (--process); nil: the container's own, with Changes
	Changes ProcessChange // is not for a Process that is given

	Cgroups       []string // "[CONTROLLER[,…]:]PATH" below the container's cgroup; none: where its init is now
	ConsoleSocket string   // whom a detached process's terminal is sent to; "" for none
	PidFile       string   // "" for none; relative to the caller's working directory
	PreserveFDs   int      // file descriptors beyond standard error, and beyond ListenFDs, that the process inherits
	ListenFDs     int      // file descriptors beyond standard error that the process takes as its sockets: sd_listen_fds(3)
	ListenNames   string   // their names, if they have any
	PidfdSocket   string   // path of the socket that a pidfd of the process is sent to; "" for none
	Detach        bool     // return once the program has started
	IgnorePaused  bool     // start it in a paused container: it runs when that is resumed

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
	if j.receiver, err = dialPidfdSocket(o.PidfdSocket); err != nil {
		return 0, err
	}
	t.phase("plan")
	if j.process, err = execProcess(j.spec, &o); err != nil {
		return 0, err
	}
	if j.console, err = openConsole(j.process.Terminal, o.Detach, o.ConsoleSocket); err != nil {
		return 0, err
	}
	defer j.console.close()
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
	defer j.console.end() // a panic must not leave the terminal raw
	if err := j.console.begin(init, j.dir.File()); err != nil {
		return 0, errors.Join(err, init.Kill())
	}
	t.phase("program")
	status = waitFor(init.Pid)
	return status, j.console.end()
}

// joining is a process on its way into a container.
type joining struct {
	id      string
	dir     *state.Dir
	state   state.State
	spec    *oci.Spec
	process *oci.Process
	console console
	pidfd   *os.File // the init
	root    *os.File // its root directory; nil: that of its mount namespace
	types   uint64   // CLONE_NEW* of the namespaces to join
	cgroup  *cgroup.Cgroup
	as      plan.Join  // of a hook: how it differs
	stdio   []*os.File // of a hook, instead of keg's own

	receiver *os.File // of a pidfd; nil: there is none
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
	// What was entered by chroot is not the root of the mount namespace, nor is the setup's.
	if j.types&linux.CLONE_NEWNS == 0 || joinsMounts(j.spec) || j.as.Plain {
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
	for _, f := range []*os.File{j.pidfd, j.root, j.receiver} {
		if f != nil {
			f.Close()
		}
	}
	if j.dir != nil {
		j.dir.Close()
	}
}

// launch starts the process where the init is now or, where that cgroup is
// gone by then or takes no process any more, where it is next or in the
// container's own.
func (j *joining) launch(o *ExecOptions, phase func(string)) (*launch.Init, error) {
	const attempts = 3
	for attempt := 1; ; attempt++ {
		own, err := j.findCgroup(o.Cgroups)
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
		case attempt == attempts || len(o.Cgroups) > 0 || !aboutCgroup(err):
			return nil, err
		}
	}
}

// hasEnded tells whether the init's end is why there is no process. When an
// init ends, the kernel kills what is in its pid namespace, and only then is
// its pidfd readable.
func (j *joining) hasEnded(err error) bool {
	patience := time.Duration(0)
	if errors.Is(err, launch.ErrEnded) || errors.Is(err, syscall.ESRCH) || errors.Is(err, syscall.ENOMEM) {
		patience = 100 * time.Millisecond
	}
	return linux.PidfdWait(int(j.pidfd.Fd()), patience) == nil
}

// aboutCgroup tells whether the process could not be put in its cgroup.
func aboutCgroup(err error) bool {
	const cgroupsPath = "linux.cgroupsPath"
	var field *launch.FieldError
	var failure *plan.Failure
	return errors.As(err, &field) && field.Field == cgroupsPath || errors.As(err, &failure) && failure.Step.Field == cgroupsPath
}

func (j *joining) notFrozen(ignore bool) error {
	if j.cgroup == nil || ignore {
		return nil
	}
	frozen, err := j.cgroup.Frozen()
	if err != nil || !frozen {
		return err
	}
	if own, err := cgroupOf(j.state); err == nil {
		if frozen, _ := own.Frozen(); frozen {
			return state.Paused.Allow(state.Exec, j.id)
		}
	}
	return fmt.Errorf("cannot exec container %q: its sub-cgroup %s is frozen", j.id, j.cgroup.Dirs()[0].Path)
}

// waiting is why keg does not go on waiting for a process that has not got to
// its program: somebody froze it on its way, or wants keg to end.
func (j *joining) waiting(ignorePaused bool) error {
	if sig := relay.Held(syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGQUIT); sig != 0 {
		return fmt.Errorf("cannot exec container %q: signal %d (%v) came before the program ran", j.id, sig, sig)
	}
	return j.notFrozen(ignorePaused)
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
		ListenFDs: o.ListenFDs, ListenNames: o.ListenNames, PreserveFDs: o.PreserveFDs, NoNewKeyring: j.state.NoNewKeyring,
	}
	if j.cgroup != nil {
		in.Host.CgroupMounts = cgroupMounts(j.cgroup.Dirs())
	}
	as := j.as
	as.Types, as.Root = j.types, j.root != nil
	p, err := plan.CompileJoin(in, as)
	if err != nil {
		return nil, err
	}
	for _, w := range p.Warnings {
		if o.Warn != nil {
			o.Warn("%s", w)
		}
	}
	env := launch.Env{
		Dir: j.dir.File(), Cgroup: j.cgroup, Pidfd: j.pidfd, Root: j.root, Stdio: j.stdio, Console: j.console.take, UID: int(j.process.User.UID), Phase: phase,
		Born:     func(pid int) error { return j.born(o, pid) },
		Listener: listenerOf(j.spec, &j.state, state.Running),
		Waiting:  func() error { return j.waiting(o.IgnorePaused) },
	}
	return launch.Launch(p, env)
}

// born does what takes the process's pid, before it may go on.
func (j *joining) born(o *ExecOptions, pid int) error {
	if !o.Detach {
		// Until here a signal ends keg, and the process ends with it.
		if err := j.console.hold(); err != nil {
			return err
		}
	}
	if err := rdtError(resctrl.Group(j.state.Resctrl).Join(pid)); err != nil {
		return err
	}
	return sendPidfd(j.receiver, pid, "setns")
}
