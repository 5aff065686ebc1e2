package bundle

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"syscall"

	"github.com/keg-project/keg/boot/reap"
	"github.com/keg-project/keg/container"
)

// Launcher starts the containers of bundles.
type Launcher struct {
	Reaper  *reap.Reaper
	Root    string                           // of containers' state, absolute
	Records string                           // directory of what outlives a container, for when it is started again; "": nothing is kept
	Flags   []string                         // global flags of keg's for create, as --debug
	Say     func(format string, args ...any) // progress and warnings, a line each
}

// Process is what a container's program gets that is no part of its bundle.
type Process struct {
	ID                    string
	Stdin, Stdout, Stderr *os.File // nil: /dev/null
	Env                   []string // of `keg create`, not of the program; nil: the caller's
}

// Running is a bundle's container after its start.
type Running struct {
	Bundle    *Bundle
	ID        string
	Container *container.Container
	Child     *reap.Child // its init, which is a child of the caller
	launcher  *Launcher
}

// Launch makes a bundle's container and starts it: mounts, directories and
// cgroups, create, interfaces and namespaces, start. After an error nothing is
// left of all that. What an earlier container of the same id has left is removed
// first, unless it runs. Create and start, which may hang, are ended when ctx is
// done.
func (l *Launcher) Launch(ctx context.Context, b *Bundle, p Process) (*Running, error) {
	expected := l.Reaper.Expect() // hooks are waited for in package container
	defer expected.Close()
	if err := l.forget(ctx, p.ID); err != nil {
		return nil, fmt.Errorf("%s: %w", b.Title, err)
	}
	s, err := b.prepare(l.Records, l.Say)
	if err != nil {
		return nil, err
	}
	r := &Running{Bundle: b, ID: p.ID, launcher: l}
	if err := l.bringUp(ctx, r, s, p, expected); err != nil {
		return nil, errors.Join(err, s.takeBack())
	}
	s.settle()
	return r, nil
}

// bringUp does what is done once the mounts are there.
func (l *Launcher) bringUp(ctx context.Context, r *Running, s *setup, p Process, expected *reap.Expectation) error {
	err := l.create(ctx, r.Bundle, p)
	if _, cut := err.(cutShort); cut {
		err = errors.Join(err, l.forgetHalf(ctx, r.Bundle, p.ID))
	}
	if err != nil {
		return fmt.Errorf("%s: create: %w", r.Bundle.Title, err)
	}
	if r.Container, err = container.Load(l.Root, p.ID); err != nil {
		return fmt.Errorf("%s: %w", r.Bundle.Title, err)
	}
	r.Container.Warn = l.Say
	s.undo.add(func() error { return r.delete(ctx) })
	info, err := r.Container.Info()
	if err != nil {
		return fmt.Errorf("%s: %w", r.Bundle.Title, err)
	}
	if info.Pid != 0 { // wait4(2) would take 0 for any child
		r.Child, err = expected.Adopt(info.Pid)
	}
	if info.Pid == 0 || err != nil {
		return fmt.Errorf("%s: the container has ended before its start", r.Bundle.Title)
	}
	if err := s.attach(info.Pid); err != nil {
		return err
	}
	if err := r.start(ctx); err != nil {
		return fmt.Errorf("%s: start: %w", r.Bundle.Title, err)
	}
	return nil
}

// start: it hangs in its hooks, or as long as the init does.
func (r *Running) start(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { r.Child.Signal(syscall.SIGKILL) })
	defer stop()
	r.Container.Waiting = patient(ctx, 0)
	return r.Container.Start()
}

// forgetHalf removes what a keg that was killed has left of a container, unless
// that is of another bundle.
func (l *Launcher) forgetHalf(ctx context.Context, b *Bundle, id string) error {
	c, err := container.Load(l.Root, id)
	if err == nil {
		var info container.Info
		if info, err = c.Info(); err == nil && info.Bundle != b.Dir {
			return nil
		}
	}
	if err := l.forget(ctx, id); err != nil {
		return fmt.Errorf("remove what it has left: %w", err)
	}
	return nil
}

// forget removes a container that does not run any more, or whose program was
// never started. That there is none is fine.
func (l *Launcher) forget(ctx context.Context, id string) error {
	c, err := container.Load(l.Root, id)
	if errors.Is(err, container.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	info, err := c.Info()
	if err == nil && (info.Status == container.Running || info.Status == container.Paused) {
		return fmt.Errorf("container %q is running already: %w", id, container.ErrExist)
	}
	if err != nil && !errors.Is(err, container.ErrNotExist) {
		return err
	}
	c.Warn, c.Waiting = l.Say, Patient(ctx)
	if err := c.Delete(true); !errors.Is(err, container.ErrNotExist) {
		return err
	}
	return nil
}

// create is a process of its own: the container's init has to be born with the
// streams that are given, and to become a child of the caller.
func (l *Launcher) create(ctx context.Context, b *Bundle, p Process) error {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer null.Close()
	said, err := newMessages()
	if err != nil {
		return err
	}
	defer said.close()
	files := []uintptr{null.Fd(), null.Fd(), null.Fd(), said.file.Fd()}
	for i, f := range []*os.File{p.Stdin, p.Stdout, p.Stderr} {
		if f != nil {
			files[i] = f.Fd()
		}
	}
	env := p.Env
	if env == nil {
		env = os.Environ()
	}
	// By its own name: called by another, keg is what that stands for.
	args := append([]string{"keg", "--root", l.Root, "--log", "/proc/self/fd/3"}, l.Flags...)
	args = append(args, "create", "--bundle", b.Dir, p.ID)
	// A caller that is killed leaves no hook that hangs and keeps the container's
	// lock. The signal of a parent's death is that of the thread that was the parent.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	child, err := l.Reaper.Start("/proc/self/exe", args, &syscall.ProcAttr{
		Env: append(slices.Clone(env), SilentVariable+"=1"), Files: files, Sys: &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM},
	})
	if err != nil {
		return err
	}
	if err := await(ctx, child); err != nil {
		return err
	}
	return said.result(child.Status(), b, p.Stderr, l.Say)
}
