package container

import (
	"errors"
	"fmt"
	"os"

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
	joined []*os.File // namespaces, in the order of plan.JoinedNamespaces
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
	terminal := r.spec.Process != nil && r.spec.Process.Terminal
	if r.console, err = openConsole(terminal, r.o.Detach, r.o.ConsoleSocket); err != nil {
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
	if err := r.fill(); err != nil {
		return errors.Join(fmt.Errorf("cannot restore container %q: %w", r.o.ID, err), r.undo())
	}
	return nil
}

// fill does what has to be undone when it fails.
func (r *restoring) fill() error {
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
	server, err := criu.Start(criu.Config{
		Program: r.images.program, Files: r.criu.Files(), Session: r.flags.ShellJob, Waiting: noSignal,
		Thread: func() error { return r.enter(root) },
	})
	if err != nil {
		return err
	}
	defer server.Close()
	if err := r.enterCgroups(server.Pid()); err != nil {
		return err
	}
	pid, err := server.Restore(&r.criu, r.notice)
	if err != nil {
		return err
	}
	if r.init, err = launch.Adopt(pid); err != nil {
		return err
	}
	return r.arrived(pid)
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
	// Without a cgroup of the container's, too: those that the images name are of
	// another time, and neither limited nor found by delete.
	var err error
	r.criu.CgroupRoots, err = criu.RootsOf(pid)
	return err
}

// notice does at each point of the restore what belongs there.
func (r *restoring) notice(n criu.Notice) error {
	if n.Name == "orphan-pts-master" && n.File != nil {
		return r.console.take(n.File)
	}
	if n.File != nil {
		n.File.Close()
	}
	switch n.Name {
	case "setup-namespaces":
		return r.appeared(n.Pid)
	case "post-restore":
		if err := r.restrict(n.Pid); err != nil {
			return err
		}
		return r.arrived(n.Pid)
	}
	return nil
}

// appeared records the first process, which has its namespaces by now, and
// nothing else: the network is made for it by hooks.
func (r *restoring) appeared(pid int) error {
	start, err := state.StartTime(pid)
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
	h := hookCaller{r.spec, &r.state, r.dir}
	return h.callThose(func(l *plan.HookList) bool { return l.When == plan.CreateHooks && l.Place == plan.OnHost })
}

// arrived: the processes are what they were, and are about to go on.
func (r *restoring) arrived(pid int) error {
	if pid == r.state.Pid && r.state.Phase == "" {
		return nil
	}
	start, err := state.StartTime(pid)
	if err != nil {
		return err
	}
	r.state.Pid, r.state.StartTime, r.state.Phase = pid, start, ""
	if err := r.dir.Write(r.state); err != nil {
		return err
	}
	return writePidFile(r.o.PidFile, pid, r.o.ID)
}

// undo: CRIU has killed what it had made, and what is keg's child waits to be
// reaped.
func (r *restoring) undo() error {
	err := r.making.undo()
	reapKilled()
	return err
}
