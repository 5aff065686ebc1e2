package run

import (
	"os"
	"syscall"
	"testing"
)

func getSeals(t *testing.T, f *os.File) uintptr {
	t.Helper()
	const getSeals = 1034 // F_GET_SEALS
	seals, _, errno := syscall.Syscall(syscall.SYS_FCNTL, f.Fd(), getSeals, 0)
	if errno != 0 {
		t.Fatal(errno)
	}
	return seals
}
