package linux

import (
	"os"

	"golang.org/x/sys/unix"
)

// SetNoNewPrivileges keeps the calling thread, and what it starts, from gaining
// privileges by executing a file. There is no way back. PR_SET_NO_NEW_PRIVS(2const)
func SetNoNewPrivileges() error {
	return os.NewSyscallError("prctl PR_SET_NO_NEW_PRIVS", unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
}
