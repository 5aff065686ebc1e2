package linux

import (
	"os"

	"golang.org/x/sys/unix"
)

// Children tells whether the caller has children, and whether one of them has
// ended that nobody has reaped yet; it reaps none. WNOWAIT in waitid(2)
func Children() (some, ended bool, err error) {
	var info unix.Siginfo
	for {
		err = unix.Waitid(unix.P_ALL, 0, &info, unix.WEXITED|unix.WNOHANG|unix.WNOWAIT, nil)
		if err != unix.EINTR {
			break
		}
	}
	if err == unix.ECHILD {
		return false, false, nil
	}
	return err == nil, info.Signo != 0, os.NewSyscallError("waitid", err)
}
