package launch

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"syscall"

	"github.com/keg-project/keg/cgroup"
	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/plan"
	"github.com/keg-project/keg/program"
)

// Env is what a launch needs beside the plan.
type Env struct {
	Dir       *os.File       // the container's state directory
	Cgroup    *cgroup.Cgroup // nil: the caller's
	Pidfd     *os.File       // for plans that join a container: its init
	Root      *os.File       // and that init's root directory, where the plan asks for it
	Stdio     []*os.File     // instead of keg's own
	StartFIFO *os.File       // for plans that wait
	ExecFIFO  *os.File
	Console   func(master *os.File) error            // takes the container's terminal, for plans that make one
	Listener  func(listener *os.File, pid int) error // passes on the listener of the process's seccomp filter; nil: it has none
	UID       int                                    // of the container's user, whose home is looked up
	Born      func(pid int) error                    // called once the process's pid is known, before it may go on; nil: nobody asks
	Waiting   func() error                           // asked now and then while the process keeps keg waiting: an error ends it; nil: nobody asks
	Hooks     func(plan.Action) error                // runs the hooks of that action while the init waits
	Phase     func(name string)                      // called when a phase begins; nil: nobody asks
}

// Init is the container's first process.
type Init struct {
	Pid   int
	pidfd int
	child int // pidfd of the program, where the init is not the program itself; 0: it is
}

// launching is a launch under way.
type launching struct {
	plan   *plan.Plan
	env    Env
	linked *program.Linked
	files  []*os.File // that the first process inherits, by its number; nil: keg's own of that number
	close  []*os.File
	ours   *os.File // keg's end of the handshake's socket
	first  int      // pid of the first process
	init   Init

	copyUps int // that were asked for
}

// Launch makes the container's processes and returns when its program runs,
// or waits for start. After an error no process is left.
func Launch(p *plan.Plan, env Env) (*Init, error) {
	if env.Phase == nil {
		env.Phase = func(string) {}
	}
	l := &launching{plan: p, env: env}
	defer l.closeFiles()
	if err := l.prepare(); err != nil {
		return nil, err
	}
	env.Phase("clone")
	if err := l.clone(); err != nil {
		return nil, err
	}
	if err := l.accompany(); err != nil {
		l.kill()
		return nil, err
	}
	return &l.init, nil
}

// prepare links the program and opens what the first process inherits.
func (l *launching) prepare() (err error) {
	l.env.Phase("link")
	if l.linked, err = l.plan.Program.Link(l.plan.SyncFD); err != nil {
		return err
	}
	var theirs *os.File
	if l.ours, theirs, err = linux.SocketPair(); err != nil {
		return err
	}
	l.close = append(l.close, l.ours, theirs)
	l.files = make([]*os.File, len(l.plan.FDs))
	for i, fd := range l.plan.FDs {
		if l.files[i], err = l.open(i, fd, theirs); err != nil {
			return fieldError(fd.Field, err)
		}
	}
	return nil
}

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
		return nil, nil
	}
	var f *os.File
	var err error
	switch fd.Kind {
	case plan.FDNamespace:
		f, err = openNamespace(fd)
	case plan.FDProc:
		f, err = linux.OpenDirectory("/proc")
	case plan.FDTasks:
		f, err = l.openTasks(fd)
	default:
		f, err = openTree(fd)
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

func openNamespace(fd plan.FD) (*os.File, error) {
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

// clone executes the interpreter in its new namespaces, born in its cgroups.
func (l *launching) clone() error {
	image, err := Executable(l.linked, l.env.Dir)
	if err != nil {
		return err
	}
	defer image.Close()
	attr := &syscall.SysProcAttr{Cloneflags: uintptr(l.plan.CloneFlags), PidFD: &l.init.pidfd}
	if l.plan.Ambient {
		attr.AmbientCaps = allCapabilities()
	}
	files := l.inherited()
	high, err := outOfTheWay(image, files)
	if err != nil {
		return err
	}
	defer high.Close()
	cgroup, err := l.cgroupFD(attr)
	if err != nil {
		return fieldError(cgroupField, err)
	}
	defer closeFD(cgroup)
	l.init.pidfd = -1
	pid, err := l.fork(selfFD(high), &syscall.ProcAttr{Files: files, Sys: attr})
	runtime.KeepAlive(l.files)
	if err != nil {
		return err
	}
	l.first, l.init.Pid = pid, pid
	// The first process has its own copies: an end of file must mean its death.
	for i, fd := range l.plan.FDs {
		if fd.Kind == plan.FDSync {
			l.files[i].Close()
		}
	}
	return nil
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

// outOfTheWay copies the image to a number that is not taken by the time it is
// executed: the child moves files that stand in each other's way to numbers
// above the highest of them, whatever is there.
func outOfTheWay(image *os.File, files []uintptr) (*os.File, error) {
	highest := 0
	for _, fd := range files {
		if fd != closed {
			highest = max(highest, int(fd))
		}
	}
	return linux.DupAbove(image, highest+len(files)+2)
}

// cgroupFD arranges for the first process to be born in the unified cgroup.
// The v1 cgroups it enters itself.
func (l *launching) cgroupFD(attr *syscall.SysProcAttr) (fd int, err error) {
	if l.env.Cgroup == nil {
		return -1, nil
	}
	fd, err = l.env.Cgroup.FD()
	if err == nil && fd >= 0 {
		attr.UseCgroupFD, attr.CgroupFD = true, fd
	}
	return fd, err
}

func closeFD(fd int) {
	if fd >= 0 {
		syscall.Close(fd)
	}
}

func (l *launching) closeFiles() {
	for _, f := range l.close {
		f.Close()
	}
}

// kill ends what a failed launch has made. A child that a stage has cloned and
// not named yet ends by itself: keg's end of the socket is closed.
func (l *launching) kill() {
	defer syscall.Close(l.init.pidfd)
	linux.PidfdSignal(l.init.pidfd, syscall.SIGKILL)
	if l.env.Cgroup != nil && linux.PidfdWait(l.init.pidfd, patience) != nil {
		l.env.Cgroup.LeaveFreezer(l.init.Pid)
	}
	if linux.PidfdWait(l.init.pidfd, killTimeout) != nil {
		return // it ends when whatever holds it in the kernel does
	}
	var status syscall.WaitStatus
	wait(l.init.Pid, &status)
}

func wait(pid int, status *syscall.WaitStatus) {
	for {
		_, err := syscall.Wait4(pid, status, 0, nil)
		if err != syscall.EINTR {
			return
		}
	}
}

func allCapabilities() []uintptr {
	caps := make([]uintptr, linux.LastCap()+1)
	for i := range caps {
		caps[i] = uintptr(i)
	}
	return caps
}

// FieldError is about what one field of the configuration asks for.
type FieldError struct {
	Field string
	Err   error
}

func (e *FieldError) Error() string { return e.Field + ": " + e.Err.Error() }
func (e *FieldError) Unwrap() error { return e.Err }

// cgroupField is the field of errors about the process's cgroup.
const cgroupField = "linux.cgroupsPath"

func fieldError(field string, err error) error {
	if err == nil || field == "" {
		return err
	}
	return &FieldError{field, err}
}

// Signal sends a signal to the init, and to no other process that may have
// got its pid.
func (i *Init) Signal(sig syscall.Signal) error { return linux.PidfdSignal(i.SignalFD(), sig) }

// SignalFD is the pidfd that signals go to: the program's.
func (i *Init) SignalFD() int {
	if i.child > 0 {
		return i.child
	}
	return i.pidfd
}

// Pidfd stays with the process, and is the caller's to close.
func (i *Init) Pidfd() int { return i.pidfd }

// Kill ends the init and reaps it.
func (i *Init) Kill() error {
	if err := linux.PidfdSignal(i.pidfd, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		return err
	}
	var status syscall.WaitStatus
	wait(i.Pid, &status)
	return nil
}
