package linux

import (
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// BlockSignal blocks a signal in the calling thread, to which the caller keeps
// until it calls undo.
func BlockSignal(sig unix.Signal) (undo func(), err error) {
	runtime.LockOSThread()
	var set, old unix.Sigset_t
	set.Val[0] = 1 << (uint(sig) - 1)
	if err := unix.PthreadSigmask(unix.SIG_BLOCK, &set, &old); err != nil {
		runtime.UnlockOSThread()
		return nil, os.NewSyscallError("rt_sigprocmask", err)
	}
	return func() {
		unix.PthreadSigmask(unix.SIG_SETMASK, &old, nil)
		runtime.UnlockOSThread()
	}, nil
}

// StopSelf stops the caller's process, until somebody continues it. A signal to
// the process may be taken up by another thread, and the caller go on meanwhile;
// one to the calling thread stops it before the call returns. tgkill(2)
func StopSelf() error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	return os.NewSyscallError("tgkill", unix.Tgkill(unix.Getpid(), unix.Gettid(), unix.SIGSTOP))
}

// UnblockSignals lets all signals through to the calling thread, and so to the
// children that it makes, and returns what undoes that. sigprocmask(2)
func UnblockSignals() (restore func(), err error) {
	var none, old unix.Sigset_t
	if err := unix.PthreadSigmask(unix.SIG_SETMASK, &none, &old); err != nil {
		return nil, os.NewSyscallError("rt_sigprocmask", err)
	}
	return func() { unix.PthreadSigmask(unix.SIG_SETMASK, &old, nil) }, nil
}
