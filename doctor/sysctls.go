package doctor

import (
	"fmt"
	"strconv"
	"strings"
)

const subjectSysctls = "kernel parameters"

// sysctlFacts are the parameters that have stopped containers before.
type sysctlFacts struct {
	uid         int
	keysUsed    int
	keysMost    int
	namespaces  map[string]int // user.max_*_namespaces; missing: not known here
	inotify     int            // fs.inotify.max_user_instances
	inotifyRead bool
	pidMax      int
}

func examineSysctls(m *machine) []Finding {
	f := sysctlFacts{uid: m.uid, namespaces: map[string]int{}, pidMax: number(content("/proc/sys/kernel/pid_max"))}
	f.keysUsed, f.keysMost = keyQuota(content("/proc/key-users"), m.uid)
	if f.keysMost == 0 { // nobody has counted yet
		f.keysMost = number(content("/proc/sys/kernel/keys/maxkeys"))
	}
	for _, kind := range []string{"user", "mnt", "pid", "net", "ipc", "uts", "cgroup", "time"} {
		if text := content("/proc/sys/user/max_" + kind + "_namespaces"); text != "" {
			f.namespaces[kind] = number(text)
		}
	}
	text := content("/proc/sys/fs/inotify/max_user_instances")
	f.inotify, f.inotifyRead = number(text), text != ""
	return f.findings()
}

// keyQuota reads a user's line of /proc/key-users: how many keys are charged to
// it, and how many may be.
//
//	1000:     5 5/5 5/200 75/20000
//
// keyrings(7)
func keyQuota(text string, uid int) (used, most int) {
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) < 4 || f[0] != strconv.Itoa(uid)+":" {
			continue
		}
		a, b, _ := strings.Cut(f[3], "/")
		return number(a), number(b)
	}
	return 0, 0
}

func (f sysctlFacts) findings() []Finding {
	list := []Finding{f.keys(), f.maxNamespaces()}
	if f.inotifyRead {
		list = append(list, f.watches())
	}
	return append(list, f.pids())
}

func (f sysctlFacts) keys() Finding {
	name := "kernel.keys.maxkeys"
	if f.uid == 0 {
		name = "kernel.keys.root_maxkeys"
	}
	found := ok(subjectSysctls, name, fmt.Sprintf("%d of %d keys are used", f.keysUsed, f.keysMost), "a session keyring for each container; all containers of one user share the number").detail()
	switch {
	case f.keysMost > 0 && f.keysUsed >= f.keysMost:
		return found.bad(Error, found.Found, sysctlMend(name, "20000")+"; or run containers with --no-new-keyring")
	case f.keysMost > 0 && f.keysMost-f.keysUsed < 50:
		return found.bad(Warning, found.Found, sysctlMend(name, "20000"))
	}
	return found
}

// maxNamespaces is about limits that are low but not 0: no namespace at all is
// said where it was tried.
func (f sysctlFacts) maxNamespaces() Finding {
	found := ok(subjectSysctls, "user.max_*_namespaces", "high enough", "one namespace of each kind for each container").detail()
	for _, kind := range []string{"user", "mnt", "pid", "net", "ipc", "uts", "cgroup", "time"} {
		most, known := f.namespaces[kind]
		name := "user.max_" + kind + "_namespaces"
		if known && most < 100 {
			level := Warning
			if most == 0 && kind != "time" && kind != "cgroup" {
				level = Error
			}
			return found.bad(level, fmt.Sprintf("%s is %d", name, most), sysctlMend(name, "15000"))
		}
	}
	return found
}

func (f sysctlFacts) watches() Finding {
	found := ok(subjectSysctls, "fs.inotify.max_user_instances", strconv.Itoa(f.inotify), "programs in containers that watch files; all of one user share the number").detail()
	if f.inotify < 128 {
		return found.bad(Warning, found.Found, sysctlMend(found.Name, "1024"))
	}
	return found
}

func (f sysctlFacts) pids() Finding {
	found := ok(subjectSysctls, "kernel.pid_max", strconv.Itoa(f.pidMax), "all processes and threads of the machine and its containers").detail()
	if f.pidMax > 0 && f.pidMax < 32768 {
		return found.bad(Warning, found.Found, sysctlMend(found.Name, "4194304"))
	}
	return found
}
