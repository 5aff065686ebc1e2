package container

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"github.com/keg-project/keg/cgroup"
	"github.com/keg-project/keg/criu"
	"github.com/keg-project/keg/launch"
	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/plan"
	"github.com/keg-project/keg/state"
)

// RestoreOptions say how a container is made from images.
type RestoreOptions struct {
	Options
	CRIU CRIUOptions
}

// Restore makes a container from images and, unless o.Detach, waits for it and
// removes it. The status is the program's own, or 128+n for signal n.
func Restore(o RestoreOptions) (status int, err error) {
	// What keg's caller has left open is neither CRIU's nor the container's.
	if err := linux.CloseOnExecFrom(3); err != nil {
		return 0, err
	}
	im, err := o.CRIU.openImages(false)
	if err != nil {
		return 0, fmt.Errorf("cannot restore container %q: %w", o.ID, err)
	}
	defer im.close()
	if !o.Detach && !o.NoSubreaper {
		if err := linux.BecomeSubreaper(); err != nil {
			return 0, err
		}
	}
	r := &restoring{making: making{o: &o.Options, trace: newTrace(o.Trace), restored: true}, flags: &o.CRIU, images: im}
	if err := r.make(); err != nil {
		return 0, err
	}
	if o.Detach {
		return 0, r.dir.Close()
	}
	defer r.dir.Close()
	if err := r.dir.Unlock(); err != nil {
		return 0, err
	}
	return r.accompany()
}

// restoring is a container that is being made from images.
type restoring struct {
	making
	flags  *CRIUOptions
	images *images
	criu   criu.Options
	server *criu.Server
	joined []*os.File // namespaces, in the order of plan.JoinedNamespaces

	hasTerminal bool
	verified    bool // what was made is what the configuration says
}

func (r *restoring) make() error {
	defer r.trace.end()
	if err := state.ValidID(r.o.ID); err != nil {
		return err
	}
	r.trace.phase("config")
	var err error
	if r.compiled, err = compile(r.o, false); err != nil {
		return err
	}
	defer r.closeManager()
	passWarnings(r.plan, r.o.Warn)
	if err := plan.Restorable(r.spec); err != nil {
		return fmt.Errorf("cannot restore container %q: %w", r.o.ID, err)
	}
	if r.console, err = openConsole(r.spec.Process.Terminal, r.o.Detach, r.o.ConsoleSocket); err != nil {
		return err
	}
	defer r.console.close()
	if !r.o.Detach {
		// While CRIU works, noSignal asks which have come.
		if err := r.console.hold(); err != nil {
			return err
		}
	}
	if r.dir, err = state.Create(r.o.Root, r.o.ID); err != nil {
		return stateError(err)
	}
	if err := r.remake(); err != nil {
		return errors.Join(fmt.Errorf("cannot restore container %q: %w", r.o.ID, err), r.undo())
	}
	return nil
}

// remake has CRIU make the processes, in what a container has before them. When it
// fails, that has to be undone.
func (r *restoring) remake() error {
	if err := r.settle(); err != nil {
		return err
	}
	defer r.closeFiles()
	if err := r.describe(); err != nil {
		return err
	}
	r.trace.phase("criu")
	root, err := r.openRoot()
	if err != nil {
		return err
	}
	defer root.Close()
	if r.server, err = criu.Start(criu.Config{
		Program: r.images.program, Files: r.criu.Files(), Session: r.flags.ShellJob, Waiting: noSignal,
		Thread: func() error { return r.enter(root) },
	}); err != nil {
		return err
	}
	defer r.server.Close()
	if err := r.enterCgroups(r.server.Pid()); err != nil {
		return err
	}
	pid, err := r.server.Restore(&r.criu, r.notice)
	if err == nil && (!r.verified || pid != r.state.Pid) {
		err = errors.New("CRIU has let the processes go on before they could be held against config.json")
	}
	if err != nil {
		return errors.Join(err, r.halt()) // before CRIU is left alone
	}
	return nil
}

// describe says what CRIU is told.
func (r *restoring) describe() (err error) {
	if r.criu, err = r.flags.common(r.images, r.spec); err != nil {
		return err
	}
	c := &r.criu
	c.Root = r.dir.Path(rootDir)
	if err := criu.Check(criu.Config{Program: r.images.program, Waiting: noSignal}, c); err != nil {
		return err
	}
	if err := inheritStreams(c); err != nil {
		return err
	}
	if r.joined, err = joinNamespaces(c, plan.JoinedNamespaces(r.spec)); err != nil {
		return err
	}
	return r.mounts()
}

func (r *restoring) closeFiles() {
	for _, in := range r.criu.Inherit {
		in.File.Close()
	}
	for _, f := range r.joined {
		f.Close()
	}
}

// enterCgroups puts CRIU into the container's cgroups: what it makes is born there, and
// ends with them.
func (r *restoring) enterCgroups(pid int) error {
	if r.scope != nil {
		if err := r.enterScope(pid); err != nil {
			return err
		}
	}
	if r.place != nil {
		if _, err := cgroup.Adopt(nil, r.place.Dirs(), pid); err != nil {
			return fmt.Errorf("linux.cgroupsPath: %w", err)
		}
	}
	if r.criu.Cgroups == criu.CgroupsIgnore {
		return nil
	}
	// Images name the cgroups of another time, which are neither limited nor found by
	// delete: they are made below CRIU's own, also where the container has none.
	own, err := cgroup.WhereIs(pid)
	for _, w := range own {
		r.criu.CgroupRoots = append(r.criu.CgroupRoots, criu.CgroupRoot(w))
	}
	return err
}

// notice does at each point of the restore what belongs there.
func (r *restoring) notice(n criu.Notice) error {
	if n.Name == "orphan-pts-master" && n.File != nil {
		return r.takeTerminal(n.File)
	}
	if n.File != nil {
		n.File.Close()
	}
	switch n.Name {
	case "setup-namespaces":
		return r.appeared(n.Pid)
	case "post-restore":
		if r.console.wanted && !r.hasTerminal {
			return errors.New("process.terminal is true, and the images have no terminal whose other end was outside of the container")
		}
		if err := r.restrict(n.Pid); err != nil {
			return err
		}
		return r.arrived(n.Pid)
	case "pre-resume":
		return r.verify()
	}
	return nil
}

func (r *restoring) takeTerminal(master *os.File) error {
	switch {
	case !r.console.wanted:
		master.Close()
		return errors.New("process.terminal is false, and the images have a terminal, whose other end nobody would get")
	case r.hasTerminal:
		master.Close()
		return errors.New("the images have a second terminal whose other end was outside of the container (hint: what `exec --tty` started has to end before the checkpoint)")
	}
	r.hasTerminal = true
	return r.console.take(master)
}

// appeared records the first process, which has its namespaces by now, and
// nothing else: the network is made for it by hooks.
func (r *restoring) appeared(pid int) error {
	start, err := r.adopt(pid)
	if err != nil {
		return err
	}
	r.state.Pid, r.state.StartTime, r.state.Phase = pid, start, state.Creating
	if err := r.dir.Write(r.state); err != nil {
		return err
	}
	if err := rdtError(r.resctrl.Join(pid)); err != nil {
		return err
	}
	h := hookCaller{spec: r.spec, state: &r.state, dir: r.dir}
	return h.callThose(func(l *plan.HookList) bool { return l.When == plan.CreateHooks && l.Place == plan.OnHost })
}

// arrived: the processes are what they were, and are about to go on.
func (r *restoring) arrived(pid int) error {
	start, err := r.adopt(pid)
	if err != nil {
		return err
	}
	r.state.Pid, r.state.StartTime, r.state.Phase = pid, start, ""
	if err := r.dir.Write(r.state); err != nil {
		return err
	}
	return writePidFile(r.o.PidFile, pid, r.o.ID)
}

// adopt takes up the first process, so that undo ends and reaps it, whatever has
// become of CRIU: it is keg's child, and of those keg's caller may have others.
func (r *restoring) adopt(pid int) (start uint64, err error) {
	if r.init == nil {
		init, err := launch.Adopt(pid)
		if err != nil {
			return 0, err
		}
		if p, _ := linux.ProcStat(pid); p.Parent != os.Getpid() {
			syscall.Close(init.Pidfd())
			return 0, fmt.Errorf("CRIU says that the first process is %d, which is no child of keg's", pid)
		}
		r.init = init
	}
	if pid != r.init.Pid {
		return 0, fmt.Errorf("CRIU says that the first process is %d, and then %d", r.init.Pid, pid)
	}
	return state.StartTime(pid)
}
