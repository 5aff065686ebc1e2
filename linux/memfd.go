package linux

import (
	"os"

	"golang.org/x/sys/unix"
)

// SealedMemfd makes a memfd that holds content, can be executed, and can never
// be written or resized again. Without MFD_EXEC on kernels before 6.3, which
// do not know it. EACCES says that vm.memfd_noexec=2 forbids it.
// memfd_create(2), F_ADD_SEALS in fcntl(2)
func SealedMemfd(name string, content []byte) (*os.File, error) {
	flags := unix.MFD_CLOEXEC | unix.MFD_ALLOW_SEALING
	fd, err := unix.MemfdCreate(name, flags|unix.MFD_EXEC)
	if err == unix.EINVAL {
		fd, err = unix.MemfdCreate(name, flags)
	}
	if err != nil {
		return nil, os.NewSyscallError("memfd_create", err)
	}
	f := os.NewFile(uintptr(fd), name)
	if _, err := f.Write(content); err != nil {
		f.Close()
		return nil, err
	}
	seals := unix.F_SEAL_SEAL | unix.F_SEAL_SHRINK | unix.F_SEAL_GROW | unix.F_SEAL_WRITE
	if _, err := unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS, seals); err != nil {
		f.Close()
		return nil, os.NewSyscallError("seal memfd", err)
	}
	return f, nil
}
