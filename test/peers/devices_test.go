package peers

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// nodes are devices to ask for. They need not exist: the question is only
// whether the cgroup allows them.
var nodes = []struct {
	kind         uint32
	major, minor int
}{
	{syscall.S_IFCHR, 1, 3}, {syscall.S_IFCHR, 1, 5}, {syscall.S_IFCHR, 1, 7}, {syscall.S_IFCHR, 1, 8}, {syscall.S_IFCHR, 1, 9},
	{syscall.S_IFCHR, 1, 1}, {syscall.S_IFCHR, 1, 11}, {syscall.S_IFCHR, 5, 0}, {syscall.S_IFCHR, 5, 1}, {syscall.S_IFCHR, 5, 2},
	{syscall.S_IFCHR, 136, 0}, {syscall.S_IFCHR, 10, 200}, {syscall.S_IFCHR, 10, 229}, {syscall.S_IFCHR, 10, 130},
	{syscall.S_IFBLK, 1, 3}, {syscall.S_IFBLK, 8, 0}, {syscall.S_IFBLK, 8, 1}, {syscall.S_IFBLK, 7, 0}, {syscall.S_IFBLK, 253, 7},
}

// makeNodes makes them in a directory, where everything is allowed.
func makeNodes(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, n := range nodes {
		name := fmt.Sprintf("%c %d:%d", letter(n.kind), n.major, n.minor)
		if err := syscall.Mknod(filepath.Join(dir, name), n.kind|0o666, n.major<<8|n.minor); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func letter(kind uint32) byte {
	if kind == syscall.S_IFBLK {
		return 'b'
	}
	return 'c'
}

// devices finds what a process in a container's cgroup may do with each of the
// nodes, "rwm" or less; the process is this one. access(2) asks the cgroup as
// open(2) does, and touches no device.
func devices(t *testing.T, found map[string]string, nodes, cgroup string) {
	t.Helper()
	hierarchy := "/sys/fs/cgroup"
	if !unified() {
		hierarchy += "/devices"
	}
	home := ownCgroup(t)
	enter(t, hierarchy+cgroup)
	defer enter(t, hierarchy+home)
	entries, _ := os.ReadDir(nodes)
	for _, e := range entries {
		found[device+e.Name()] = try(filepath.Join(nodes, e.Name()))
	}
}

func enter(t *testing.T, dir string) {
	t.Helper()
	if err := os.WriteFile(dir+"/cgroup.procs", []byte("0"), 0); err != nil {
		t.Fatal(err)
	}
}

func try(node string) (may string) {
	const read, write = 4, 2
	if syscall.Access(node, read) == nil {
		may += "r"
	}
	if syscall.Access(node, write) == nil {
		may += "w"
	}
	var st syscall.Stat_t
	if syscall.Lstat(node, &st) == nil && syscall.Mknod(node+" again", st.Mode, int(st.Rdev)) == nil {
		os.Remove(node + " again")
		may += "m"
	}
	return may
}

// ownCgroup is where this process is, in the hierarchy that decides on devices.
func ownCgroup(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if unified() && fields[1] == "" || fields[1] == "devices" {
			return fields[2]
		}
	}
	t.Fatal("no cgroup of devices")
	return ""
}
