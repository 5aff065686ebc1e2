package linux

import (
	"os"

	"golang.org/x/sys/unix"
)

// LoadModule loads a kernel module. Of a compressed one the kernel is told so:
// EOPNOTSUPP or EINVAL if it cannot decompress it. finit_module(2)
func LoadModule(f *os.File, params string, compressed bool) error {
	const compressedFile = 4 // MODULE_INIT_COMPRESSED_FILE, Linux 5.17
	flags := 0
	if compressed {
		flags = compressedFile
	}
	if err := unix.FinitModule(int(f.Fd()), params, flags); err != nil {
		return &os.PathError{Op: "finit_module", Path: f.Name(), Err: err}
	}
	return nil
}

// Release is the version of the running kernel, after which the directory of
// its modules is named. uname(2)
func Release() (string, error) {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return "", os.NewSyscallError("uname", err)
	}
	return unix.ByteSliceToString(u.Release[:]), nil
}
