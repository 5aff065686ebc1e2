package doctor

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/keg-project/keg/launch"
	"github.com/keg-project/keg/linux"
)

const subjectIDMapped = "idmapped mounts"

// idmapFact is whether a mount of one file system can be idmapped.
type idmapFact struct {
	dir, kind string // where it was tried, and the file system's type
	err       error
}

// examineIDMapping tries the file systems that engines and people keep roots and
// volumes on: as root only, since the kernel asks for that.
func examineIDMapping(m *machine) []Finding {
	if !m.root() {
		return nil
	}
	ns, err := mappedNamespace()
	if err != nil {
		return nil // said where user namespaces are
	}
	defer ns.Close()
	var list []Finding
	seen := map[uint64]bool{}
	for _, dir := range []string{"/var/lib", homeDirectory(), os.TempDir()} {
		var st syscall.Stat_t
		if dir == "" || syscall.Stat(dir, &st) != nil || seen[st.Dev] {
			continue
		}
		seen[st.Dev] = true
		f := idmapFact{dir: dir, kind: typeAt(m.mounts, dir)}
		f.err = idmap(dir, ns)
		list = append(list, f.finding())
	}
	return list
}

// mappedNamespace is a user namespace whose root is the machine's.
func mappedNamespace() (*os.File, error) {
	pid, end, err := launch.HoldUserNamespace(executable)
	if err != nil {
		return nil, err
	}
	defer end()
	dir := "/proc/" + strconv.Itoa(pid)
	for _, file := range []string{"/uid_map", "/gid_map"} {
		if err := os.WriteFile(dir+file, []byte("0 0 1"), 0); err != nil {
			return nil, err
		}
	}
	return os.Open(dir + "/ns/user")
}

func homeDirectory() string {
	dir, _ := os.UserHomeDir()
	return dir
}

// typeAt is the type of the file system that a path is on.
func typeAt(mounts []linux.Mount, path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	best := linux.Mount{Type: "unknown"}
	for _, m := range mounts {
		if m.Point == "/" || m.Point == path || strings.HasPrefix(path, m.Point+"/") {
			if len(m.Point) >= len(best.Point) {
				best = m
			}
		}
	}
	return best.Type
}

// idmap maps the ids of a copy of the mount, which nobody sees.
func idmap(dir string, ns *os.File) error {
	tree, err := linux.OpenTree(dir, false)
	if err != nil {
		return err
	}
	defer tree.Close()
	return linux.IDMap(tree, int(ns.Fd()), false)
}

// idmapSince says with which kernel a file system can be idmapped.
func idmapSince(kind string) (release, bool) {
	since, known := map[string]release{
		"ext4": {5, 12}, "ext2": {5, 12}, "ext3": {5, 12}, "xfs": {5, 12}, "vfat": {5, 12}, "btrfs": {5, 15}, "f2fs": {5, 18},
		"erofs": {5, 19}, "squashfs": {6, 2}, "tmpfs": {6, 3}, "cephfs": {6, 7}, "ceph": {6, 7},
	}[kind]
	return since, known
}

func (f idmapFact) finding() Finding {
	found := ok(subjectIDMapped, f.dir, f.kind+" can be idmapped", "mounts with uidMappings; volumes and images of user-namespaced pods and of Podman's --userns").detail()
	since, known := idmapSince(f.kind)
	switch {
	case f.err == nil:
		return found
	case !errors.Is(f.err, syscall.EINVAL):
		return found.bad(Note, f.kind+" cannot be idmapped: "+f.err.Error(), "")
	case f.kind == "overlay":
		return found.bad(Note, "an overlay cannot be idmapped, only what its layers lie on", "keep volumes on ext4, xfs or btrfs")
	case known:
		return found.bad(Note, f.kind+" cannot be idmapped on this kernel", "Linux "+since.String()+" can; or keep volumes on ext4, xfs or btrfs")
	}
	return found.bad(Note, f.kind+" cannot be idmapped", "keep volumes on ext4, xfs or btrfs")
}
