package state

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

const (
	stateFile  = "state.json"
	configFile = "config.json"
)

// Dir is one container's directory, open. Close gives its lock up.
type Dir struct {
	root, id string
	file     *os.File
	locked   bool
}

// Create makes a new container's directory and locks it. ErrExist: the id is
// in use. What a killed keg left without a state.json is taken over: nothing
// is done to the machine before that file is there, nor is any left once it
// is removed.
func Create(root, id string) (*Dir, error) {
	if err := ValidID(id); err != nil {
		return nil, err
	}
	for range 100 { // each round lost means that another keg removed the directory
		made, err := mkdir(root, id)
		if err != nil {
			return nil, err
		}
		d, err := claim(root, id, made)
		if d != nil || err != nil {
			return d, err
		}
	}
	return nil, exists(id, ": made and removed over and over by others")
}

// mkdir makes the directory, and the root where it is missing. Both are for
// their owner alone: a configuration may hold secrets, and no process of a
// container comes here by path. Sticky: what is in $XDG_RUNTIME_DIR may be
// cleared away after six hours otherwise (XDG base directory specification).
func mkdir(root, id string) (made bool, err error) {
	name := filepath.Join(root, id)
	err = os.Mkdir(name, 0o700)
	if errors.Is(err, fs.ErrNotExist) {
		if err = os.MkdirAll(root, 0o700|fs.ModeSticky); err != nil {
			return false, err
		}
		err = os.Mkdir(name, 0o700)
	}
	if errors.Is(err, fs.ErrExist) {
		return false, nil
	}
	return err == nil, err
}

// claim locks the directory and checks that the id is free. A nil Dir without
// an error: it was removed in between.
func claim(root, id string, made bool) (*Dir, error) {
	d, err := open(root, id)
	if errors.Is(err, ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	patience := time.Duration(0)
	if made {
		patience = time.Second // only someone who looks at it can be faster
	}
	err = d.claim(patience)
	if errors.Is(err, ErrNotExist) {
		d.Close()
		return nil, nil
	}
	if err != nil {
		d.Close()
		return nil, err
	}
	return d, nil
}

func (d *Dir) claim(patience time.Duration) error {
	err := d.Lock(patience)
	if errors.Is(err, ErrLocked) {
		return exists(d.id, ": it is being created or deleted")
	}
	if err != nil {
		return err
	}
	if d.Has(stateFile) {
		return exists(d.id, "")
	}
	return d.empty()
}

// Open finds a container's directory; it does not lock it. It succeeds also
// for what a killed keg left, so that it can be removed; Read tells.
func Open(root, id string) (*Dir, error) {
	if err := ValidID(id); err != nil {
		return nil, err
	}
	return open(root, id)
}

func open(root, id string) (*Dir, error) {
	const flags = os.O_RDONLY | syscall.O_DIRECTORY | syscall.O_NOFOLLOW | syscall.O_CLOEXEC
	f, err := os.OpenFile(filepath.Join(root, id), flags, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, notExist(id)
	}
	if err != nil {
		return nil, err
	}
	if err := checkOwner(f); err != nil {
		f.Close()
		return nil, err
	}
	return &Dir{root: root, id: id, file: f}, nil
}

// checkOwner refuses what another user has put where containers are kept: keg
// kills the pid and removes the cgroups that a state.json names.
func checkOwner(f *os.File) error {
	var s syscall.Stat_t
	if err := syscall.Fstat(int(f.Fd()), &s); err != nil {
		return &os.PathError{Op: "fstat", Path: f.Name(), Err: err}
	}
	if s.Uid != 0 && s.Uid != uint32(os.Geteuid()) {
		return fmt.Errorf("%s belongs to user %d: not a container of yours (hint: --root names another directory)", f.Name(), s.Uid)
	}
	return nil
}

// Close closes the directory and so gives the lock up.
func (d *Dir) Close() error { return d.file.Close() }

// ID is the container's.
func (d *Dir) ID() string { return d.id }

// File is the open directory itself.
func (d *Dir) File() *os.File { return d.file }

// Path names a file in the directory, for messages and for others to find it.
func (d *Dir) Path(name string) string { return filepath.Join(d.root, d.id, name) }

func (d *Dir) fd() int { return int(d.file.Fd()) }

// Has tells whether there is such a file.
func (d *Dir) Has(name string) bool {
	return syscall.Faccessat(d.fd(), name, 0, 0) == nil
}
