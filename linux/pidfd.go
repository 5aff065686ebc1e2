package linux

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// PidfdOpen returns a file descriptor that stays with the process pid, also
// when the number is used again. ESRCH: there is none. Of a number that only a
// thread, a session or a process group still has, Linux says EINVAL before 6.15,
// and of a thread's ENOENT since.
func PidfdOpen(pid int) (int, error) {
	fd, err := unix.PidfdOpen(pid, 0) // close-on-exec by itself
	if pid > 0 && (err == unix.EINVAL || err == unix.ENOENT) {
		err = unix.ESRCH
	}
	if err != nil {
		return -1, os.NewSyscallError("pidfd_open", err)
	}
	return fd, nil
}

// PidfdSignal sends sig to the process that pidfd stands for.
func PidfdSignal(pidfd int, sig unix.Signal) error {
	return os.NewSyscallError("pidfd_send_signal", unix.PidfdSendSignal(pidfd, sig, nil, 0))
}

// PidfdSignalGroup sends sig to the process group that the process leads. Before
// Linux 6.9 only the process itself gets it.
func PidfdSignalGroup(pidfd int, sig unix.Signal) error {
	const group = 1 << 2 // PIDFD_SIGNAL_PROCESS_GROUP
	err := unix.PidfdSendSignal(pidfd, sig, nil, group)
	if err == unix.EINVAL {
		return PidfdSignal(pidfd, sig)
	}
	return os.NewSyscallError("pidfd_send_signal", err)
}

// PidfdWait waits until the process has ended, whoever reaps it.
func PidfdWait(pidfd int, timeout time.Duration) error {
	return Poll([]PollFD{{Fd: int32(pidfd), Events: POLLIN}}, time.Now().Add(timeout))
}
