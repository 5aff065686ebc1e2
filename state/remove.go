package state

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
	"syscall"
)

// Remove removes the directory with all that is in it, also what a killed
// keg left. The caller holds the lock, and closes d afterwards.
func (d *Dir) Remove() error {
	if err := d.empty(); err != nil {
		return err
	}
	err := os.Remove(d.Path(""))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// empty removes what is in the directory, state.json before all: without it
// there is no container, whenever keg is killed.
func (d *Dir) empty() error {
	if err := d.Unlink(stateFile); err != nil {
		return err
	}
	names, err := d.names()
	if err != nil {
		return err
	}
	for _, name := range names {
		err := d.Unlink(name)
		if errors.Is(err, syscall.EISDIR) {
			err = d.removeSubdir(name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// removeSubdir stops at another file system: keg mounts nothing here, so a
// mount is someone's mistake, and its content not keg's to delete.
func (d *Dir) removeSubdir(name string) error {
	sub, err := open(d.Path(""), name)
	if errors.Is(err, ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer sub.Close()
	var outer, inner syscall.Stat_t
	if err := errors.Join(syscall.Fstat(d.fd(), &outer), syscall.Fstat(sub.fd(), &inner)); err != nil {
		return d.pathError("fstat", name, err)
	}
	if outer.Dev != inner.Dev {
		return d.pathError("remove", name, errors.New("something is mounted there"))
	}
	return sub.Remove()
}

// names reads the directory from its start, whenever it was read before.
func (d *Dir) names() ([]string, error) {
	if _, err := d.file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	names, err := d.file.Readdirnames(-1)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // removed already
	}
	return names, err
}

// List returns the ids of the containers under root, sorted. A root that does
// not exist has none.
func List(root string) ([]string, error) {
	f, err := os.Open(root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	names, err := f.Readdirnames(-1)
	if err != nil {
		return nil, err
	}
	ids := slices.DeleteFunc(names, func(name string) bool {
		return ValidID(name) != nil || syscall.Faccessat(int(f.Fd()), name+"/"+stateFile, 0, 0) != nil
	})
	slices.Sort(ids)
	return ids, nil
}
