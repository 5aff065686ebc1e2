package linux

import (
	"os"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// SubCgroups lists the directories in the open directory fd. A cgroup holds
// some fifty files and rarely a directory, so only those are kept.
func SubCgroups(fd int) ([]string, error) {
	return entries(fd, func(kind uint8, name string) bool {
		return kind == unix.DT_DIR && name != "." && name != ".."
	})
}

// CgroupFiles lists the files in the open directory fd whose names begin with
// prefix, and no sub-cgroups: a container chooses their names and number.
func CgroupFiles(fd int, prefix string) ([]string, error) {
	return entries(fd, func(kind uint8, name string) bool {
		return kind == unix.DT_REG && strings.HasPrefix(name, prefix)
	})
}

func entries(fd int, wanted func(kind uint8, name string) bool) ([]string, error) {
	if _, err := unix.Seek(fd, 0, 0); err != nil {
		return nil, os.NewSyscallError("lseek", err)
	}
	var names []string
	buf := make([]byte, 8192)
	for {
		n, err := unix.Getdents(fd, buf)
		if err == unix.ENOENT || n == 0 && err == nil {
			return names, nil // ENOENT: the cgroup was removed meanwhile
		}
		if err != nil {
			return nil, os.NewSyscallError("getdents64", err)
		}
		names = appendEntries(names, buf[:n], wanted)
	}
}

func appendEntries(names []string, buf []byte, wanted func(kind uint8, name string) bool) []string {
	const nameOffset = unsafe.Offsetof(unix.Dirent{}.Name)
	for len(buf) > int(nameOffset) {
		d := (*unix.Dirent)(unsafe.Pointer(&buf[0]))
		name, _, _ := strings.Cut(string(buf[nameOffset:d.Reclen]), "\x00")
		if wanted(d.Type, name) {
			names = append(names, name)
		}
		buf = buf[d.Reclen:]
	}
	return names
}
