package cgroup

import (
	"strings"

	"github.com/keg-project/keg/linux"
)

// cwd is AT_FDCWD, which package syscall does not export: the paths used with
// it are absolute.
const cwd = -100

// readFile reads a file of a cgroup, or of /proc, without the newline at its
// end.
func readFile(name string) (string, error) {
	text, err := linux.ReadCgroupFile(cwd, name, nil)
	return strings.TrimSuffix(string(text), "\n"), err
}

// readWords reads a file with a list in it, as cgroup.controllers has it.
func readWords(name string) ([]string, error) {
	text, err := readFile(name)
	return strings.Fields(text), err
}

func writeFile(name, value string) error {
	return linux.WriteCgroupFile(cwd, name, []byte(value))
}
