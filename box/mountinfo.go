package box

import (
	"strings"

	"github.com/keg-project/keg/linux"
)

// mountPoints is this machine's mount table: mount point → file system type,
// of the mount that is on top.
type mountPoints map[string]string

func readMountPoints() (mountPoints, error) {
	mounts, err := linux.Mounts()
	return pointsOf(mounts), err
}

func pointsOf(mounts []linux.Mount) mountPoints {
	points := make(mountPoints, len(mounts))
	for _, m := range mounts {
		points[m.Point] = m.Type
	}
	return points
}

// beneath reports whether something is mounted below dir, not on it.
func (p mountPoints) beneath(dir string) bool {
	for point := range p {
		if strings.HasPrefix(point, dir+"/") {
			return true
		}
	}
	return false
}

// stackable reports whether an overlay can lie over what is mounted on dir.
// The kernel refuses file systems that fold case or mount on demand.
func (p mountPoints) stackable(dir string) bool {
	switch p[dir] {
	case "vfat", "msdos", "exfat", "ntfs", "ntfs3", "hfs", "hfsplus", "autofs":
		return false
	}
	return true
}
