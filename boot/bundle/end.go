package bundle

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"

	"github.com/keg-project/keg/container"
	"github.com/keg-project/keg/linux"
)

// End is for a container whose init has ended: it is deleted, and what was
// mounted below its bundle is unmounted. Where processes of it run on, as a
// container without a pid namespace of its own can leave them, all of that is
// in use, and stays; left are they. Hooks that hang are ended some time after ctx
// is done.
func (r *Running) End(ctx context.Context) (left []int, err error) {
	expected := r.launcher.Reaper.Expect()
	defer expected.Close()
	if left, err = r.Container.Processes(); err == nil && len(left) > 0 {
		return left, nil
	}
	if err := r.delete(ctx); err != nil {
		return nil, fmt.Errorf("%s: delete: %w", r.Bundle.Title, err)
	}
	return nil, r.Bundle.Unmount()
}

func (r *Running) delete(ctx context.Context) error {
	r.Container.Waiting = Patient(ctx)
	return r.Container.Delete(true)
}

// Kill kills all of the container, and waits until its init has ended. That may
// have left the container's cgroups, or have none, so it is killed by itself as
// well.
func (r *Running) Kill() error {
	err := r.Container.Signal(syscall.SIGKILL, true)
	if errors.Is(err, container.ErrNotRunning) {
		err = nil
	}
	if e := r.Child.Signal(syscall.SIGKILL); !errors.Is(e, os.ErrProcessDone) {
		err = errors.Join(err, e)
	}
	if !endsWithin(r.Child, killPatience) {
		err = errors.Join(err, fmt.Errorf("process %d does not end", r.Child.Pid))
	}
	return err
}

// Unmount unmounts the bundle's root, what is below it, and the tmpfs that the
// root writes to; not what runtime.json mounts elsewhere, which is for other
// containers.
func (b *Bundle) Unmount() error {
	mounts, err := linux.Mounts()
	if err != nil {
		return err
	}
	var inside []string
	for _, m := range mounts { // one entry for each of two on one point: each time the upper one goes
		if strings.HasPrefix(m.Point, b.Dir+"/") {
			inside = append(inside, m.Point)
		}
	}
	slices.SortStableFunc(inside, func(a, b string) int { return strings.Count(b, "/") - strings.Count(a, "/") })
	var errs []error
	for _, point := range inside {
		errs = append(errs, b.unmount(point))
	}
	return errors.Join(errs...)
}

// unmount: what is still in use goes once it is not.
func (b *Bundle) unmount(point string) error {
	p := b.place(point)
	err := p.at(func(name string) error { return linux.Unmount(name, 0) })
	if errors.Is(err, syscall.EBUSY) {
		err = p.at(func(name string) error { return linux.Unmount(name, linux.MNT_DETACH) })
	}
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOENT) {
		return nil // it went with another
	}
	if err != nil {
		return fmt.Errorf("%s: %w", b.Title, err)
	}
	return nil
}
