package resctrl

import (
	"errors"
	"os"
	"strings"

	"github.com/keg-project/keg/linux"
)

const usual = "/sys/fs/resctrl"

// ErrNotMounted says that there is no resctrl file system.
var ErrNotMounted = errors.New("no resctrl file system is mounted (hint: mount -t resctrl resctrl " + usual + ", on a processor with Intel RDT or its like)")

// Find is where the file system is mounted. The list of all mounts is read only
// where it is not at its usual place.
func Find() (string, error) {
	if is, err := linux.IsResctrl(usual); is && err == nil {
		return usual, nil
	}
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return "", err
	}
	root := mountOf(string(mounts))
	if root == "" {
		return "", ErrNotMounted
	}
	return root, nil
}

// mountOf finds the file system in a list of mounts: the mountpoint is the fifth
// field, the type stands behind a dash. proc_pid_mountinfo(5)
func mountOf(mountinfo string) string {
	for line := range strings.Lines(mountinfo) {
		before, after, _ := strings.Cut(line, " - ")
		fields := strings.Fields(before)
		if kind, _, _ := strings.Cut(after, " "); kind == "resctrl" && len(fields) > 4 {
			return unescape(fields[4])
		}
	}
	return ""
}

// unescape undoes what the kernel does to white space and backslashes in names.
func unescape(name string) string {
	return strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace(name)
}
