package cgroup

import (
	"fmt"
	"os"
	"path"
	"syscall"
)

// Vacant refuses cgroups that exist and are in use. A caller asks before it
// records dirs as its own: what is recorded may be killed by a later delete.
func Vacant(dirs []Dir) error {
	for _, d := range dirs {
		var st syscall.Stat_t
		switch err := syscall.Lstat(d.Name(), &st); {
		case err == syscall.ENOENT:
			continue
		case err != nil:
			return &os.PathError{Op: "lstat", Path: d.Name(), Err: err}
		}
		if err := vacant(d); err != nil {
			return err
		}
	}
	return nil
}

// Create makes the cgroups that Path named. One that exists is used if nothing
// is in it and it is not frozen. When one fails, those made before it are gone
// again. ErrNoPermission says that the caller may not make cgroups here.
func Create(dirs []Dir) (*Cgroup, error) {
	var made madeDirs
	for _, d := range dirs {
		if err := made.create(d); err != nil {
			made.undo()
			return nil, err
		}
	}
	if unifiedAlone(dirs) {
		enable(dirs[0])
	}
	return &Cgroup{dirs}, nil
}

// madeDirs are the directories made so far, parents before children.
type madeDirs []string

func (m *madeDirs) create(d Dir) error {
	exists, err := m.mkdirAll(d)
	if err != nil {
		return err
	}
	if exists {
		if err := vacant(d); err != nil {
			return err
		}
	} else if err := notFrozen(d); err != nil { // by a frozen cgroup above it
		return err
	}
	if d.Has("cpuset") {
		return inheritCpuset(d)
	}
	return nil
}

// mkdirAll tries the last directory first: its parent nearly always exists.
// The number of rounds is bounded, since another's delete may take a parent
// away as often as it is made.
func (m *madeDirs) mkdirAll(d Dir) (exists bool, err error) {
	for range 100 {
		err = m.mkdir(d.Name())
		switch {
		case err == syscall.EEXIST:
			return true, nil
		case err != syscall.ENOENT:
			return false, mkdirError(d.Name(), err)
		case path.Dir(d.Path) == "/":
			return false, mkdirError(d.Name(), err) // the hierarchy itself is gone
		}
		parent := d
		parent.Path = path.Dir(d.Path)
		if _, err := m.mkdirAll(parent); err != nil {
			return false, err
		}
	}
	return false, mkdirError(d.Name(), err)
}

func (m *madeDirs) mkdir(name string) error {
	err := syscall.Mkdir(name, 0o755)
	if err == nil {
		*m = append(*m, name)
	}
	return err
}

func mkdirError(name string, err error) error {
	if err == nil {
		return nil
	}
	perr := &os.PathError{Op: "mkdir", Path: name, Err: err}
	if err == syscall.EACCES || err == syscall.EPERM || err == syscall.EROFS {
		return fmt.Errorf("%w: %w", ErrNoPermission, perr)
	}
	return perr
}

// undo removes what was made, children first. What someone else has begun to
// use meanwhile stays: the kernel refuses to remove it.
func (m madeDirs) undo() {
	for i := len(m) - 1; i >= 0; i-- {
		syscall.Rmdir(m[i])
	}
}

// vacant refuses a cgroup that has processes, in itself or below, or that is
// frozen: a container started in it would hang (runc #3223).
func vacant(d Dir) error {
	if err := notFrozen(d); err != nil {
		return err
	}
	w, err := walk(d)
	if err != nil {
		return err
	}
	defer w.close()
	pids, err := w.pids(nil)
	if err == nil && len(pids) > 0 {
		err = &os.PathError{Op: "cgroup", Path: d.Name(), Err: notEmpty{pids}}
	}
	return err
}

func notFrozen(d Dir) error {
	frozen, err := isFrozen(d)
	if err != nil {
		return err
	}
	if frozen {
		hint := fmt.Errorf("%w: thaw it, or choose another cgroupsPath", ErrFrozen)
		return &os.PathError{Op: "cgroup", Path: frozenRoot(d).Name(), Err: hint}
	}
	return nil
}

// notEmpty names the processes in a cgroup, the first few at least.
type notEmpty struct{ pids []int }

func (e notEmpty) Is(target error) bool { return target == ErrNotEmpty }

func (e notEmpty) Error() string {
	const most = 10
	list, more := e.pids, ""
	if len(list) > most {
		list, more = list[:most], " ..."
	}
	return fmt.Sprintf("%v: processes %v%s", ErrNotEmpty, list, more)
}
