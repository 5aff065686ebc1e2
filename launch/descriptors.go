package launch

import (
	"fmt"
	"os"
	"syscall"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/plan"
	"github.com/keg-project/keg/program"
)

func (l *launching) open(i int, fd plan.FD, sync *os.File) (*os.File, error) {
	switch fd.Kind {
	case plan.FDSync:
		return sync, nil
	case plan.FDStart:
		return l.env.StartFIFO, nil
	case plan.FDExec:
		return l.env.ExecFIFO, nil
	case plan.FDPidfd:
		return l.env.Pidfd, nil
	case plan.FDRoot:
		return l.env.Root, nil
	case plan.FDStdio:
		if i < len(l.env.Stdio) {
			return l.env.Stdio[i], nil
		}
		if i > 2 && !linux.Inherited(i) {
			return nil, fmt.Errorf("file descriptor %d is not open: pass it to keg, or fewer of them", i)
		}
		if i > 2 {
			return nil, nil
		}
		return l.stream(i)
	}
	var f *os.File
	var err error
	switch fd.Kind {
	case plan.FDNamespace:
		f, err = OpenNamespace(fd)
	case plan.FDProc:
		f, err = linux.OpenDirectory("/proc")
	case plan.FDTasks:
		f, err = l.openTasks(fd)
	default:
		f, err = openTree(fd, l.env.Dir)
	}
	if err == nil && f != nil {
		l.close = append(l.close, f)
	}
	return f, err
}

// openTasks opens a v1 cgroup's thread list; nil where there is no cgroup.
func (l *launching) openTasks(fd plan.FD) (*os.File, error) {
	if l.env.Cgroup == nil {
		return nil, nil
	}
	path := fd.Path + "/tasks"
	n, err := syscall.Open(path, syscall.O_WRONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	return os.NewFile(uintptr(n), path), nil
}

// OpenNamespace opens a namespace by its path, if it is one of the type.
func OpenNamespace(fd plan.FD) (*os.File, error) {
	f, err := os.Open(fd.Path)
	if err != nil {
		return nil, err
	}
	kind, err := linux.NamespaceType(int(f.Fd()))
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("%s is not a namespace file (hint: they lie below /proc/PID/ns)", fd.Path)
	}
	if kind != fd.NSType {
		f.Close()
		return nil, fmt.Errorf("%s is a namespace of another type: %s, not %s", fd.Path,
			program.CloneFlags.Decode(kind), program.CloneFlags.Decode(fd.NSType))
	}
	return f, nil
}

// closed is a descriptor that the first process does not get.
const closed = ^uintptr(0)

// inherited are keg's numbers of the descriptors that the first process gets.
func (l *launching) inherited() []uintptr {
	files := make([]uintptr, len(l.files))
	for i, f := range l.files {
		switch {
		case f != nil:
			files[i] = f.Fd()
		case l.plan.FDs[i].Kind == plan.FDStdio:
			files[i] = uintptr(i)
		default:
			files[i] = closed
		}
	}
	return files
}

func (l *launching) closeFiles() {
	for _, f := range l.close {
		f.Close()
	}
}
