package plan

import (
	"path"
	"strconv"
	"strings"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/program"
)

// hostCalls are the system calls that matter in a step of the host: those
// that the container would be another without.
func (p *Plan) hostCalls(s *HostStep) []program.Line {
	switch s.Action {
	case SetLimit:
		return lines("write(" + strconv.Quote(s.Name) + ", " + strconv.Quote(s.NewName) + ")")
	case StartScope:
		return p.scopeCalls(s)
	case EnterSubgroup:
		return subgroupCalls(s)
	case Delegate:
		return delegateCalls(s)
	case SetDevices:
		return p.deviceCalls(s)
	case OpenFD:
		return p.FDs[s.Value].calls()
	case PinCPUs:
		return lines("sched_setaffinity(0, " + strconv.Itoa(8*len(p.CPUs)) + ", {" + s.Name + "})")
	case CloneInit:
		flags := "CLONE_PIDFD"
		if s.Value != 0 {
			flags += "|CLONE_INTO_CGROUP"
		}
		if p.CloneFlags != 0 {
			flags += "|" + program.CloneFlags.Decode(p.CloneFlags)
		}
		return []program.Line{{Call: "clone3({flags=" + flags + "})"},
			{Call: `execve("/proc/self/fd/N")`, Flow: []string{"a sealed memfd: the interpreter and the calls below that are not keg's"}}}
	case WriteMaps:
		return lines(`write("/proc/PID/gid_map", `+mapLines(p.Maps.GID)+")", `write("/proc/PID/uid_map", `+mapLines(p.Maps.UID)+")")
	case OOMScore:
		return lines(`write("/proc/PID/oom_score_adj", "` + strconv.Itoa(s.Value) + `")`)
	case RaiseLimit:
		return lines("prlimit64(PID, " + rlimitTable[s.Limit.Resource].name + ", {hard=" + limitText(s.Limit.Hard) + "}, NULL)")
	}
	return nil
}

func delegateCalls(s *HostStep) []program.Line {
	give := "lchown(" + strconv.Quote(path.Join("CGROUP", s.Name)) + ", " + strconv.Itoa(s.Value) + ", -1)"
	if s.Name == "" {
		return lines(give)
	}
	return lines(`mkdir("CGROUP/`+s.Name+`", 0755)`, give)
}

func lines(calls ...string) []program.Line {
	list := make([]program.Line, len(calls))
	for i, c := range calls {
		list[i].Call = c
	}
	return list
}

// calls are those that open a descriptor of the first process.
func (fd *FD) calls() []program.Line {
	name := " = " + fd.name()
	switch fd.Kind {
	case FDNamespace:
		return lines("openat(AT_FDCWD, " + strconv.Quote(fd.Path) + ", O_RDONLY|O_CLOEXEC)" + name)
	case FDPidfd:
		return lines("pidfd_open(PID, 0)" + name)
	case FDRoot:
		return lines(`openat(AT_FDCWD, "/proc/PID/root", O_PATH|O_DIRECTORY|O_CLOEXEC)` + name)
	}
	flags, recursive := "OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC", ""
	if fd.Recursive {
		flags += "|AT_RECURSIVE"
	}
	list := lines("open_tree(AT_FDCWD, " + strconv.Quote(fd.Path) + ", " + flags + ")" + name)
	if m := fd.IDMap; m != nil {
		if m.Recursive {
			recursive = "|AT_RECURSIVE"
		}
		list = append(list, program.Line{Call: `mount_setattr(` + fd.name() + `, "", AT_EMPTY_PATH` + recursive +
			", {set=MOUNT_ATTR_IDMAP, userns=" + m.owner() + "}, 32)"})
	}
	return list
}

// owner is the user namespace whose mappings an idmapped mount takes.
func (m *IDMap) owner() string {
	if m.NSPath != "" {
		return m.NSPath
	}
	return "uids " + mapLines(m.Maps.UID) + ", gids " + mapLines(m.Maps.GID)
}

// mapLines are mappings as uid_map takes them. user_namespaces(7)
func mapLines(list []oci.LinuxIDMapping) string {
	rows := make([]string, len(list))
	for i, m := range list {
		rows[i] = decimal(m.ContainerID) + " " + decimal(m.HostID) + " " + decimal(m.Size)
	}
	return strconv.Quote(strings.Join(rows, "\n"))
}

func decimal(n uint32) string { return strconv.FormatUint(uint64(n), 10) }

// limitText is a resource limit as people write it.
func limitText(n uint64) string {
	if n == linux.RLIM_INFINITY {
		return "unlimited"
	}
	return strconv.FormatUint(n, 10)
}
