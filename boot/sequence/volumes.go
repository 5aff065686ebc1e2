package sequence

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"github.com/keg-project/keg/linux"
)

// Volumes mounts the volumes in a directory such as /containers/volumes, each on
// its directory merged: what is in lower, to be read, or where there is a
// directory tmp with what is written on top of it. A volume that cannot be
// mounted does not keep the others from it. say is told of each, in LinuxKit's
// words.
func Volumes(dir string, say func(format string, args ...any)) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var errs []error
	for _, e := range entries {
		if err := volume(filepath.Join(dir, e.Name()), say); err != nil {
			errs = append(errs, fmt.Errorf("volume %s: %w", e.Name(), err))
		}
	}
	return errors.Join(errs...)
}

func volume(dir string, say func(string, ...any)) error {
	lower, merged, tmp := filepath.Join(dir, "lower"), filepath.Join(dir, "merged"), filepath.Join(dir, "tmp")
	for _, d := range []string{lower, merged} {
		if _, err := os.ReadDir(d); err != nil {
			return err
		}
	}
	mounted, err := isMount(merged)
	if mounted || err != nil {
		return err
	}
	if _, err := os.Lstat(tmp); os.IsNotExist(err) {
		say("Volume %s is read-only, bind-mounting read-only", filepath.Base(dir))
		return bindReadOnly(lower, merged)
	}
	say("Volume %s is read-write, overlay mounting", filepath.Base(dir))
	if err := linux.MountAt("tmpfs", tmp, "tmpfs", linux.MS_RELATIME, ""); err != nil {
		return err
	}
	if err := overlay(lower, tmp, merged); err != nil {
		return errors.Join(err, linux.Unmount(tmp, 0))
	}
	return nil
}

// overlay has upper and work below tmp.
func overlay(lower, tmp, merged string) error {
	upper, work := filepath.Join(tmp, "upper"), filepath.Join(tmp, "work")
	for _, d := range []string{upper, work} {
		if err := os.Mkdir(d, 0o755); err != nil {
			return err
		}
	}
	return linux.MountAt("overlay", merged, "overlay", linux.MS_RELATIME, "lowerdir="+lower+",upperdir="+upper+",workdir="+work)
}

func bindReadOnly(source, target string) error {
	tree, err := linux.OpenTree(source, false)
	if err != nil {
		return err
	}
	defer tree.Close()
	if err := linux.SetMountAttr(tree, 0, linux.MOUNT_ATTR_RDONLY); err != nil {
		return err
	}
	return linux.Attach(tree, target)
}

// isMount tells whether something is mounted there already, as by an earlier run.
func isMount(dir string) (bool, error) {
	f, err := os.OpenFile(dir, syscall.O_RDONLY|syscall.O_DIRECTORY, 0)
	if err != nil {
		return false, err
	}
	defer f.Close()
	_, mounted, err := linux.MountOf(f)
	return mounted, err
}
