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
