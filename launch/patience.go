package launch

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/plan"
)

// A process that joins a container may be stopped on its way by whoever freezes
// its cgroup, and keg must not hang with it.

// patience is how long keg waits before it looks for a reason not to.
const patience = 100 * time.Millisecond

// killTimeout bounds the wait for a killed process.
const killTimeout = 5 * time.Second

// await waits for a message or, with a pidfd, for that process's end.
func (l *launching) await(pidfd int) (told bool, err error) {
	slice := patience
	if l.env.Waiting == nil {
		slice = -1
	}
	for {
		told, err = linux.ReadableBefore(int(l.ours.Fd()), pidfd, slice)
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			return told, err
		}
		if err := l.env.Waiting(); err != nil {
			return false, err
		}
	}
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

func hintedInvalid(err error) error {
	if !errors.Is(err, syscall.EINVAL) {
		return err
	}
	return fmt.Errorf("%w (hint: %s)", err, plan.HintAffinity)
}

// watchFork kills the child that the calling thread is about to clone when
// there is a reason not to wait for it. The result ends the watch, and gives
// the reason. Who the child is only the kernel's list tells: clone(2) returns
// once it has executed something (CLONE_VFORK).
func (l *launching) watchFork() (end func() error) {
	list := "/proc/self/task/" + strconv.Itoa(syscall.Gettid()) + "/children"
	before, _ := os.ReadFile(list)
	var watch struct {
		sync.Mutex
		timer  *time.Timer
		ended  bool
		reason error
	}
	watch.Lock()
	defer watch.Unlock()
	watch.timer = time.AfterFunc(patience, func() {
		watch.Lock()
		defer watch.Unlock()
		if watch.ended {
			return
		}
		if watch.reason = l.env.Waiting(); watch.reason == nil {
			watch.timer.Reset(patience)
			return
		}
		killNew(list, before)
	})
	return func() error {
		watch.Lock()
		defer watch.Unlock()
		watch.ended = true
		watch.timer.Stop()
		return watch.reason
	}
}

// killNew kills those on the list that were not there before. Nobody reaps
// them meanwhile: the thread that could is waiting for this one.
func killNew(list string, before []byte) {
	now, _ := os.ReadFile(list)
	old := bytes.Fields(before)
	for _, field := range bytes.Fields(now) {
		known := false
		for _, o := range old {
			known = known || bytes.Equal(o, field)
		}
		if pid, err := strconv.Atoi(string(field)); err == nil && !known {
			syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}
