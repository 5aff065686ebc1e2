package box

import (
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// idRange is a range of subordinate ids.
type idRange struct {
	start, size uint32
}

// idMaps are the mappings of a box's user namespace.
//
// For root: every id onto itself. A root file system is full of owners, and
// with any other mapping they would be nobody's inside; root.path cannot be
// idmapped through config.json. What the user namespace is for, it does with
// this mapping too: capabilities count for the box's own namespaces only. That
// uid 0 inside is uid 0 to the files of this machine is why the capabilities
// are Docker's and not all: CAP_SYS_ADMIN could unmount the masks over /proc,
// whose files ask for the uid only.
//
// For an ordinary user: root inside is the user, other ids come from
// /etc/subuid and /etc/subgid if there are any.
func (c *caller) idMaps() (uids, gids []specs.LinuxIDMapping, err error) {
	if c.uid != 0 {
		uids, gids = userMaps(c.uid, c.gid, c.subuid, c.subgid)
		return uids, gids, nil
	}
	if uids, err = identityMap(c.uidMap); err != nil {
		return nil, nil, fmt.Errorf("/proc/self/uid_map: %w", err)
	}
	if gids, err = identityMap(c.gidMap); err != nil {
		return nil, nil, fmt.Errorf("/proc/self/gid_map: %w", err)
	}
	return uids, gids, nil
}

// identityMap maps each id that the caller's own namespace knows onto itself:
// 4294967295 of them as this machine's root, fewer inside another container.
func identityMap(procMap string) ([]specs.LinuxIDMapping, error) {
	var maps []specs.LinuxIDMapping
	for line := range strings.Lines(procMap) {
		var inside, outside, size uint32
		if _, err := fmt.Sscan(line, &inside, &outside, &size); err != nil {
			return nil, err
		}
		maps = append(maps, specs.LinuxIDMapping{ContainerID: inside, HostID: inside, Size: size})
	}
	return maps, nil
}

// userMaps maps subordinate ids only if there are some of both kinds: with the
// own gid alone, setgroups is denied and other users are of no use.
func userMaps(uid, gid int, subuid, subgid []idRange) (uids, gids []specs.LinuxIDMapping) {
	uids = []specs.LinuxIDMapping{{ContainerID: 0, HostID: uint32(uid), Size: 1}}
	gids = []specs.LinuxIDMapping{{ContainerID: 0, HostID: uint32(gid), Size: 1}}
	if len(subuid) == 0 || len(subgid) == 0 {
		return uids, gids
	}
	return appendRanges(uids, subuid), appendRanges(gids, subgid)
}

// appendRanges lines the ranges up from container id 1.
func appendRanges(maps []specs.LinuxIDMapping, ranges []idRange) []specs.LinuxIDMapping {
	next := uint64(1)
	for _, r := range ranges {
		if next+uint64(r.size) > math.MaxUint32 {
			break
		}
		maps = append(maps, specs.LinuxIDMapping{ContainerID: uint32(next), HostID: r.start, Size: r.size})
		next += uint64(r.size)
	}
	return maps
}

// mapped reports whether the container knows the id.
func mapped(maps []specs.LinuxIDMapping, id uint32) bool {
	for _, m := range maps {
		if id >= m.ContainerID && id-m.ContainerID < m.Size {
			return true
		}
	}
	return false
}

// subordinates reads the ranges given to a user of this machine.
func subordinates(uid int) (subuid, subgid []idRange) {
	name := ""
	if data, err := os.ReadFile("/etc/passwd"); err == nil {
		if e, ok := findPasswd(data, byID(uint32(uid))); ok {
			name = e.name
		}
	}
	u, _ := os.ReadFile("/etc/subuid")
	g, _ := os.ReadFile("/etc/subgid")
	return parseRanges(string(u), name, uid), parseRanges(string(g), name, uid)
}

// parseRanges reads subuid(5): NAME-OR-UID:START:COUNT.
func parseRanges(text, name string, uid int) []idRange {
	var ranges []idRange
	for line := range strings.Lines(text) {
		f := strings.Split(strings.TrimSpace(line), ":")
		if len(f) != 3 || f[0] == "" || (f[0] != name && f[0] != strconv.Itoa(uid)) {
			continue
		}
		start, errS := strconv.ParseUint(f[1], 10, 32)
		size, errC := strconv.ParseUint(f[2], 10, 32)
		if errS == nil && errC == nil && size > 0 && start+size <= math.MaxUint32 {
			ranges = append(ranges, idRange{uint32(start), uint32(size)})
		}
	}
	return ranges
}
