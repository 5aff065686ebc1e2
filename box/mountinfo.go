package box

import (
	"bytes"
	"os"
	"strconv"
	"strings"
)

// mountPoints is this machine's mount table: mount point → file system type,
// of the mount that is on top.
type mountPoints map[string]string

func readMountPoints() (mountPoints, error) {
	data, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return nil, err
	}
	return parseMountPoints(data), nil
}

// parseMountPoints reads lines as proc_pid_mountinfo(5) has them:
//
//	36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw
func parseMountPoints(data []byte) mountPoints {
	points := mountPoints{}
	for line := range bytes.Lines(data) {
		mount, fs, ok := strings.Cut(string(line), " - ")
		fields := strings.Fields(mount)
		if !ok || len(fields) < 5 {
			continue
		}
		kind, _, _ := strings.Cut(fs, " ")
		points[unescape(fields[4])] = kind
	}
	return points
}

// unescape reads the octal escapes by which the kernel writes blanks: \040.
func unescape(s string) string {
	var out strings.Builder
	for {
		before, after, found := strings.Cut(s, `\`)
		out.WriteString(before)
		if !found {
			return out.String()
		}
		n, err := strconv.ParseUint(after[:min(3, len(after))], 8, 8)
		if err != nil {
			out.WriteByte('\\')
			s = after
			continue
		}
		out.WriteByte(byte(n))
		s = after[3:]
	}
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
