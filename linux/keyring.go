package linux

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// JoinSessionKeyring gives the calling thread, and what it starts, the session
// keyring of that name, which is made with these rights if there is none.
// Kernels without keyrings have none to keep apart. keyctl(2)
func JoinSessionKeyring(name string, rights uint32) error {
	id, err := unix.KeyctlJoinSessionKeyring(name)
	if errors.Is(err, unix.ENOSYS) {
		return nil
	}
	if err == nil {
		err = unix.KeyctlSetperm(id, rights)
	}
	return os.NewSyscallError("keyctl", err)
}
