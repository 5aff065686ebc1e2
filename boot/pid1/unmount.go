package pid1

import (
	"slices"
	"strings"

	"github.com/keg-project/keg/linux"
)

// What is reached over a network may answer no more.
var network = []string{"nfs", "nfs4", "cifs", "smb3", "9p", "ceph", "fuse.sshfs", "glusterfs", "afs"}

// What holds nothing that a power failure could harm.
var volatile = []string{"tmpfs", "ramfs", "rootfs", "overlay", "proc", "sysfs", "nsfs", "cgroup", "cgroup2", "devtmpfs"}

// unmountOrder lists what is to be unmounted, what lies deeper first, and of two
// on one point the upper one. The root and the kernel's own stay: nothing of
// them is on a disk, and the last steps need them.
func unmountOrder(mounts []linux.Mount) []linux.Mount {
	var list []linux.Mount
	for _, m := range slices.Backward(mounts) {
		if !stays(m.Point) {
			list = append(list, m)
		}
	}
	slices.SortStableFunc(list, func(a, b linux.Mount) int {
		return strings.Count(b.Point, "/") - strings.Count(a.Point, "/")
	})
	return list
}

func stays(point string) bool {
	if point == "/" {
		return true
	}
	for _, dir := range []string{"/proc", "/sys", "/dev"} {
		if point == dir || strings.HasPrefix(point, dir+"/") {
			return true
		}
	}
	return false
}

// unmountAll unmounts as often as that leads further: what lies deeper may be
// the place of another's files. What cannot be unmounted, nor the root, is made
// read-only.
func (p *process) unmountAll() {
	before := -1
	for {
		mounts, err := linux.Mounts()
		if err != nil {
			p.warn(err)
			return
		}
		list := unmountOrder(mounts)
		if len(list) == 0 || len(list) == before {
			break
		}
		before = len(list)
		for _, m := range list {
			flags := 0
			if slices.Contains(network, m.Type) {
				flags = linux.MNT_DETACH
			}
			_ = linux.Unmount(m.Point, flags) // EBUSY: the next time, or below
		}
	}
	p.makeReadOnly()
}

func (p *process) makeReadOnly() {
	mounts, err := linux.Mounts()
	if err != nil {
		p.warn(err)
		return
	}
	for _, m := range mounts {
		if slices.Contains(volatile, m.Type) || m.Point != "/" && stays(m.Point) {
			continue
		}
		if err := linux.MountAt("", m.Point, "", linux.MS_REMOUNT|linux.MS_RDONLY, ""); err != nil {
			p.say("%s (%s) could not be unmounted, nor made read-only: %v", m.Point, m.Type, err)
		}
	}
}
