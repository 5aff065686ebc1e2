package container

import (
	"errors"
	"fmt"
	"os"
	"path"
	"syscall"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/plan"
)

// rootDir, in the state directory, is where CRIU finds the root: in a mount
// namespace that ends with CRIU, so that nothing of it is on the host.
const rootDir = "criu-root"

// mounts has CRIU take from the host what was not the container's own, by the
// names of the configuration: none is taken from the images (CVE-2026-115520).
func (r *restoring) mounts() error {
	in, err := r.planInput()
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, e := range plan.Externals(in) {
		if seen[e.Name] {
			continue
		}
		seen[e.Name] = true
		if err := errors.Join(plainKey(e.Name), plainSource(e.Source)); err != nil {
			return fmt.Errorf("%s: %w", e.Field, err)
		}
		r.criu.External = append(r.criu.External, "mnt["+e.Name+"]:"+e.Source)
	}
	return nil
}

func (r *restoring) planInput() (plan.Input, error) {
	in := plan.Input{Spec: r.spec, ID: r.o.ID, Bundle: r.bundle, NoCgroup: r.o.NoCgroup, NotifySocket: r.o.notifySocket()}
	var err error
	if in.Host, err = r.facts(r.o); err == nil && r.place != nil {
		in.Host.CgroupMounts = cgroupMounts(r.place.Dirs())
	}
	return in, err
}

// restrict gives mounts the flags that CRIU may have lost, before any process of
// the container goes on. The paths are the container's, resolved in its root.
func (r *restoring) restrict(pid int) error {
	in, err := r.planInput()
	if err != nil {
		return err
	}
	return linux.OnThread(func() error {
		root, err := linux.EnterMounts(pid)
		if err != nil {
			return err
		}
		defer root.Close()
		for _, x := range plan.Restrictions(in) {
			bare, err := restrict(root, &x)
			if err != nil {
				return fmt.Errorf("%s: %w", x.Field, err)
			}
			if bare && x.Mask { // of another machine, maybe, which had no such path
				r.o.warn("%s: %s is as it is: where the images were made nothing was mounted on it", x.Field, x.Point)
			}
		}
		return nil
	})
}

// restrict tells whether there is no mount to restrict, but what it would lie on.
func restrict(root *os.File, x *plan.Restriction) (bare bool, err error) {
	f, err := linux.OpenInRoot(root, x.Point, linux.O_PATH)
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return false, nil // it was none of the container's when it was saved, either
	}
	if err != nil {
		return false, err
	}
	defer f.Close()
	_, isRoot, err := linux.MountOf(f)
	if err != nil || !isRoot {
		return err == nil, err
	}
	return false, linux.SetMountAttr(f, 0, x.Set)
}

// openRoot takes a copy of the root, and makes the mount points that an image need not have.
func (r *restoring) openRoot() (*os.File, error) {
	root, err := linux.OpenTree(r.rootfs, true)
	if err != nil {
		return nil, fmt.Errorf("root.path: %w", err)
	}
	err = linux.ShareApart(root)
	if err == nil {
		err = r.makePoints(root)
	}
	if err == nil && r.spec.Root.Readonly {
		err = linux.SetMountAttr(root, 0, linux.MOUNT_ATTR_RDONLY)
	}
	if err == nil {
		err = os.Mkdir(r.dir.Path(rootDir), 0o700)
	}
	if err != nil {
		root.Close()
		return nil, err
	}
	return root, nil
}

// enter is called on the thread that starts CRIU.
func (r *restoring) enter(root *os.File) error {
	if err := linux.UnshareMounts(); err != nil {
		return err
	}
	if err := r.images.openAgain(); err != nil {
		return err
	}
	if err := r.admit(); err != nil {
		return err
	}
	if err := linux.Attach(root, r.dir.Path(rootDir)); err != nil {
		return err
	}
	r.criu.Images, r.criu.Work = r.images.dir, r.images.work
	if p := r.spec.Process; p != nil && p.NoNewPrivileges {
		// CRIU 3.17 does not restore that, but what it makes inherits it.
		if err := linux.SetNoNewPrivileges(); err != nil {
			return err
		}
	}
	// The images have no keyrings, and the caller's is not for the container.
	return linux.JoinSessionKeyring(plan.Keyring(r.o.ID, r.created.UnixNano()))
}

// makePoints makes what mounts lie on, as create does.
func (r *restoring) makePoints(root *os.File) error {
	for _, p := range plan.MountPoints(r.spec, r.bundle) {
		file := false
		if p.Source != "" {
			info, err := os.Stat(p.Source)
			if err != nil {
				return fmt.Errorf("%s.source: %w", p.Field, err)
			}
			file = !info.IsDir()
		}
		if err := makePoint(root, p.Path, file); err != nil {
			return fmt.Errorf("%s.destination: %w", p.Field, err)
		}
	}
	return nil
}

// makePoint makes a directory or an empty file, and the directories on the way.
func makePoint(root *os.File, unsafePath string, file bool) error {
	f, err := linux.OpenInRoot(root, unsafePath, linux.O_PATH)
	if err == nil {
		return f.Close()
	}
	parent, name := path.Split(path.Clean("/" + unsafePath))
	if !errors.Is(err, os.ErrNotExist) || name == "" {
		return err
	}
	if err := makePoint(root, parent, false); err != nil {
		return err
	}
	dir, err := linux.OpenInRoot(root, parent, linux.O_PATH|linux.O_DIRECTORY)
	if err != nil {
		return err
	}
	defer dir.Close()
	if !file {
		return linux.MkdirIn(dir, name, 0o755)
	}
	return linux.MakeEmpty(dir, name, 0o755)
}
