package doctor

import (
	"errors"
	"fmt"
	"math"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const subjectIDs = "subordinate ids"

// idFacts are what an ordinary user has to give a container more users than one.
type idFacts struct {
	user           string
	uid            int
	subuid, subgid string // the files
	noNew          bool
	install        installer
	helpers        []helper
	patience       time.Duration
}

// helper is newuidmap or newgidmap.
type helper struct {
	name, path string
	capability string // that it needs, where it is not set-uid root
	err        error  // of the look-up
	setuid     bool
	capable    bool  // it has file capabilities
	nosuid     bool  // its file system takes both away
	tried      error // of mapping the first id that the user may
}

func examineIDs(m *machine) []Finding {
	if m.uid == 0 {
		return nil // root maps what it likes
	}
	f := idFacts{
		user: m.account(), uid: m.uid, noNew: m.noNew, install: m.install, patience: m.Patience,
		subuid: content("/etc/subuid"), subgid: content("/etc/subgid"),
		helpers: []helper{findHelper("newuidmap", "cap_setuid"), findHelper("newgidmap", "cap_setgid")},
	}
	f.tryHelpers()
	return f.findings()
}

func findHelper(name, capability string) helper {
	h := helper{name: name, capability: capability}
	if h.path, h.err = exec.LookPath(name); h.err != nil {
		return h
	}
	var st syscall.Stat_t
	if h.err = syscall.Stat(h.path, &st); h.err != nil {
		return h
	}
	h.setuid = st.Mode&syscall.S_ISUID != 0 && st.Uid == 0
	_, err := syscall.Getxattr(h.path, "security.capability", make([]byte, 64))
	h.capable = err == nil
	var fs syscall.Statfs_t
	h.nosuid = syscall.Statfs(h.path, &fs) == nil && fs.Flags&syscall.MS_NOSUID != 0
	return h
}

func (f idFacts) findings() []Finding {
	var list []Finding
	for _, h := range f.helpers {
		list = append(list, h.finding(f))
	}
	return append(list, f.ranges("subuid", f.subuid, "uids"), f.ranges("subgid", f.subgid, "gids"))
}

func (h helper) finding(f idFacts) Finding {
	found := ok(subjectIDs, h.name, h.path, "users and groups other than root in an ordinary user's containers").detail()
	install := f.install.of(software{"newuidmap and newgidmap, of the package uidmap or shadow", "uidmap", "shadow-utils", "shadow-subids", "shadow", "shadow"})
	switch {
	case errors.Is(h.err, exec.ErrNotFound):
		return found.bad(Warning, "is not in PATH", install)
	case h.err != nil:
		return found.bad(Warning, h.err.Error(), install)
	case !h.setuid && !h.capable:
		return found.bad(Warning, h.path+" is neither set-uid root nor has file capabilities", "sudo setcap "+h.capability+"=ep "+h.path)
	case h.nosuid:
		return found.bad(Warning, h.path+" is on a file system that is mounted nosuid, which takes its rights away", "sudo mount -o remount,suid the file system of "+h.path)
	case f.noNew:
		return found.bad(Warning, h.path+" gets no rights: keg runs with no_new_privs", "start keg outside of what sets it: a service with NoNewPrivileges=, a container, a sandbox")
	case h.tried != nil:
		return found.bad(Warning, h.path+" cannot map the first id of "+f.user+": "+h.tried.Error(), "see newuidmap(1); in a container, its ids have to be among those that the container itself has: /proc/self/uid_map")
	}
	return found
}

// idRange is a line of subuid(5).
type idRange struct {
	owner       string
	start, size uint64
}

func (r idRange) end() uint64 { return r.start + r.size }

func parseRanges(text string) []idRange {
	var list []idRange
	for line := range strings.Lines(text) {
		f := strings.Split(strings.TrimSpace(line), ":")
		if len(f) != 3 || f[0] == "" {
			continue
		}
		start, errS := strconv.ParseUint(f[1], 10, 32)
		size, errC := strconv.ParseUint(f[2], 10, 32)
		if errS == nil && errC == nil && size > 0 && start+size <= math.MaxUint32 {
			list = append(list, idRange{f[0], start, size})
		}
	}
	return list
}

// usual is how many ids images count on: nobody's is the 65535th.
const usual = 65536

// split tells the user's ranges from those of others.
func (f idFacts) split(all []idRange) (own, others []idRange) {
	for _, r := range all {
		if r.owner == f.user || r.owner == strconv.Itoa(f.uid) {
			own = append(own, r)
		} else {
			others = append(others, r)
		}
	}
	return own, others
}

// ranges judges the user's lines in one of the files.
func (f idFacts) ranges(file, text, kind string) Finding {
	all := parseRanges(text)
	own, others := f.split(all)
	found := ok(subjectIDs, file, "", "users and groups other than root in an ordinary user's containers")
	free := freeRange(all)
	add := fmt.Sprintf("sudo usermod --add-%ss %d-%d %s", file, free, free+usual-1, f.user)
	if len(own) == 0 {
		return found.bad(Warning, "no "+kind+" of "+f.user+" in /etc/"+file, add)
	}
	var total uint64
	for _, r := range own {
		total += r.size
		for _, o := range others {
			if r.start < o.end() && o.start < r.end() {
				return found.bad(Warning, fmt.Sprintf("%s shares %d-%d with %s: each may do to the other's containers what it may do to its own", f.user, max(r.start, o.start), min(r.end(), o.end())-1, o.owner),
					"remove the line of one of the two from /etc/"+file+", and "+add)
			}
		}
	}
	found.Found = fmt.Sprintf("%d %s, from %d on", total, kind, own[0].start)
	if total < usual {
		return found.bad(Note, fmt.Sprintf("%d %s: files of an image that belong to others cannot be unpacked", total, kind), add)
	}
	return found
}

// freeRange is where nobody has ids yet: from where useradd(8) gives them.
func freeRange(all []idRange) uint64 {
	free := uint64(100000)
	for range all { // each may push it behind another
		for _, r := range all {
			if free < r.end() && r.start < free+usual {
				free = r.end()
			}
		}
	}
	return free
}
