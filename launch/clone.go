package launch

import (
	"os"
	"runtime"
	"syscall"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/plan"
)

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
	pid, err := l.fork(linux.SelfFD(high), &syscall.ProcAttr{Files: files, Sys: attr})
	runtime.KeepAlive(l.files)
	if err != nil {
		return err
	}
	l.init.Pid = pid
	// The first process has its own copies: an end of file must mean its death.
	for i, fd := range l.plan.FDs {
		if fd.Kind == plan.FDSync {
			l.files[i].Close()
		}
	}
	return nil
}

// cgroupFD arranges for the first process to be born in the unified cgroup.
// The v1 cgroups it enters itself.
func (l *launching) cgroupFD(attr *syscall.SysProcAttr) (fd int, err error) {
	if l.env.Cgroup == nil || l.plan.Scope != nil { // systemd puts it into the scope
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

func allCapabilities() []uintptr {
	caps := make([]uintptr, linux.LastCap()+1)
	for i := range caps {
		caps[i] = uintptr(i)
	}
	return caps
}

// fork makes the first process. It waits until that has executed the
// interpreter, which one that is born in a frozen cgroup never does.
func (l *launching) fork(image string, attr *syscall.ProcAttr) (pid int, err error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	restore, err := l.pin()
	if err != nil {
		return 0, err
	}
	defer restore()
	watch := func() error { return nil }
	if l.env.Waiting != nil && attr.Sys.UseCgroupFD {
		watch = l.watchFork()
	}
	pid, err = syscall.ForkExec(image, []string{"init"}, attr)
	gaveUp := watch()
	switch {
	case err != nil && gaveUp != nil:
		return 0, gaveUp
	case err != nil:
		return 0, l.cloneError(err, attr.Sys.UseCgroupFD)
	case gaveUp != nil:
		l.init.Pid = pid
		l.kill()
		return 0, gaveUp
	}
	return pid, nil
}

// pin has the process inherit its initial CPUs from the thread that clones it.
func (l *launching) pin() (restore func(), err error) {
	if len(l.plan.CPUs) == 0 {
		return func() {}, nil
	}
	before, err := linux.Affinity()
	if err == nil {
		err = linux.SetAffinity(l.plan.CPUs)
	}
	if err != nil {
		return nil, fieldError("process.execCPUAffinity.initial", hintedInvalid(err))
	}
	return func() { linux.SetAffinity(before) }, nil
}
