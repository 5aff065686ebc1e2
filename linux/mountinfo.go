package linux

import (
	"os"
	"strconv"
	"strings"
)

// Mount is one of a mount namespace's mounts.
type Mount struct {
	ID    int
	Root  string // which directory of its file system it shows
	Point string // where
	Type  string // of the file system

	Parent int // the mount that it lies on
}

// Mounts lists the caller's mounts. Of two on one point the later is on top.
func Mounts() ([]Mount, error) { return mountsOf("self") }

// MountsOf lists a process's mounts.
func MountsOf(pid int) ([]Mount, error) { return mountsOf(strconv.Itoa(pid)) }

func mountsOf(process string) ([]Mount, error) {
	table, err := os.ReadFile("/proc/" + process + "/mountinfo")
	if err != nil {
		return nil, err
	}
	return ParseMounts(string(table)), nil
}

// ParseMounts reads lines like
//
//	36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw
//
// proc_pid_mountinfo(5)
func ParseMounts(table string) []Mount {
	var list []Mount
	for line := range strings.Lines(table) {
		mount, fs, ok := strings.Cut(line, " - ")
		fields := strings.Fields(mount)
		if !ok || len(fields) < 5 {
			continue
		}
		kind, _, _ := strings.Cut(fs, " ")
		id, _ := strconv.Atoi(fields[0]) // it is one: the kernel writes it
		parent, _ := strconv.Atoi(fields[1])
		list = append(list, Mount{id, unescapeMount(fields[3]), unescapeMount(fields[4]), kind, parent})
	}
	return list
}

// unescapeMount undoes what the kernel does to names that would break its
// lines. show_mountinfo in fs/proc_namespace.c
func unescapeMount(name string) string {
	if !strings.Contains(name, `\`) {
		return name
	}
	return strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`, `\043`, "#").Replace(name)
}
