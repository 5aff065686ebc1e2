// Package relay passes the signals that keg gets on to one process, from the
// signal handler itself: a handler of a few instructions that calls
// pidfd_send_signal(2).
//
// os/signal can do the same, and takes 1 ms to begin with, an eighth of a whole
// short container: the Go runtime starts two threads for it, and switches
// between them for every signal that is taken up. It stays in use where signals
// are more than passed on (a container with a terminal).
//
// It is not for signals that keg acts on itself.
package relay

import (
	"math/bits"
	"os"
	"sync/atomic"
	"syscall"
	"unsafe"
)

// What the handler works on.
var (
	target  int32  = -1 // pidfd that signals go to; -1: they are kept in pending
	pending uint64      // bit n: signal n+1 came before there was a target
)

// sigaction is the kernel's struct. rt_sigaction(2)
type sigaction struct {
	handler  unsafe.Pointer
	flags    uint64
	restorer unsafe.Pointer
	mask     uint64
}

const (
	saRestart  = 0x10000000
	saOnStack  = 0x08000000 // Go's threads have stacks of some KiB that may move
	saRestorer = 0x04000000
	sigIgn     = 1
	sigMax     = 64
)

// kept are the signals that are not passed on: what the kernel sends to say
// that this process did wrong, what the Go runtime uses itself, what is about
// keg's own children and streams, and a terminal's stops: see HoldSuspend. 32
// and 33 are libc's.
const kept = 1<<(syscall.SIGILL-1) | 1<<(syscall.SIGTRAP-1) | 1<<(syscall.SIGABRT-1) | 1<<(syscall.SIGBUS-1) |
	1<<(syscall.SIGFPE-1) | 1<<(syscall.SIGKILL-1) | 1<<(syscall.SIGSEGV-1) | 1<<(syscall.SIGPIPE-1) |
	1<<(syscall.SIGCHLD-1) | 1<<(syscall.SIGSTOP-1) | 1<<(syscall.SIGTSTP-1) | 1<<(syscall.SIGTTIN-1) |
	1<<(syscall.SIGTTOU-1) | 1<<(syscall.SIGURG-1) | 1<<(syscall.SIGPROF-1) | 1<<(syscall.SIGSYS-1) |
	1<<(32-1) | 1<<(33-1)

// HoldSuspend has SIGTSTP stop the process that the pidfd stands for, with the
// process group that it leads, and then the caller; when that goes on, so does
// the other. Before Linux 6.9 the process alone is stopped. It is for who can be
// continued by somebody: the kernel's own look at that is passed over.
func HoldSuspend() error {
	_, restorer := addresses()
	act := sigaction{handler: suspendAddress(), flags: saRestart | saOnStack | saRestorer, restorer: restorer, mask: ^uint64(0)}
	return install(uintptr(syscall.SIGTSTP), &act, nil)
}

func suspendAddress() unsafe.Pointer

// addresses are those of the handler and of what it returns to; a Go func
// value of an assembly function would point to an ABI wrapper.
func addresses() (handler, restorer unsafe.Pointer)

// Hold takes the signals up and keeps them until To names their receiver. A
// signal that keg's caller ignores stays ignored, as nohup(1) wants it.
func Hold() error {
	handler, restorer := addresses()
	act := sigaction{handler: handler, flags: saRestart | saOnStack | saRestorer, restorer: restorer, mask: ^uint64(0)}
	for sig := uintptr(1); sig <= sigMax; sig++ {
		if kept&(1<<(sig-1)) != 0 {
			continue
		}
		var old sigaction
		if err := install(sig, nil, &old); err != nil {
			return err
		}
		if uintptr(old.handler) == sigIgn {
			continue
		}
		if err := install(sig, &act, nil); err != nil {
			return err
		}
	}
	return nil
}

func install(sig uintptr, act, old *sigaction) error {
	_, _, errno := syscall.RawSyscall6(syscall.SYS_RT_SIGACTION, sig, uintptr(unsafe.Pointer(act)), uintptr(unsafe.Pointer(old)), 8, 0, 0)
	if errno != 0 {
		return os.NewSyscallError("rt_sigaction", errno)
	}
	return nil
}

// To sends what was kept to the process that the pidfd stands for, and passes
// on to it what comes from now on. The pidfd must stay open.
func To(pidfd int) {
	atomic.StoreInt32(&target, int32(pidfd))
	for {
		held := atomic.LoadUint64(&pending)
		if held == 0 {
			return
		}
		sig := bits.TrailingZeros64(held)
		// Whoever takes the bit away sends the signal: this, or a handler
		// that has kept it while the target was being named.
		if atomic.AndUint64(&pending, ^(uint64(1)<<sig))&(1<<sig) != 0 {
			syscall.RawSyscall6(sysPidfdSendSignal, uintptr(pidfd), uintptr(sig+1), 0, 0, 0, 0)
		}
	}
}

// Held returns one of the signals that are kept for a receiver, of those that
// ask; 0: none of them has come.
func Held(of ...syscall.Signal) syscall.Signal {
	held := atomic.LoadUint64(&pending)
	for _, sig := range of {
		if held&(1<<(sig-1)) != 0 {
			return sig
		}
	}
	return 0
}

// Forget has one that Held has returned come again before it is returned again.
func Forget(sig syscall.Signal) { atomic.AndUint64(&pending, ^(uint64(1) << (sig - 1))) }

const sysPidfdSendSignal = 424 // on amd64 and arm64; the handler has it too
