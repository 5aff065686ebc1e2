package doctor

import (
	"strconv"
	"strings"
	"syscall"

	"github.com/keg-project/keg/linux"
)

const subjectSeccomp = "seccomp"

// seccompFacts are what the kernel says of filters.
type seccompFacts struct {
	filter   syscall.Errno // of a filter that is not there
	missing  []string      // actions
	noFlags  []string
	landlock syscall.Errno
	version  int // of Landlock's interface
	filtered bool
}

// seccompActions are those of the specification.
// include/uapi/linux/seccomp.h
func seccompActions() []seccompValue {
	return []seccompValue{
		{"SCMP_ACT_KILL_PROCESS", 0x80000000}, {"SCMP_ACT_KILL_THREAD", 0}, {"SCMP_ACT_TRAP", 0x00030000}, {"SCMP_ACT_ERRNO", 0x00050000},
		{"SCMP_ACT_NOTIFY", 0x7fc00000}, {"SCMP_ACT_TRACE", 0x7ff00000}, {"SCMP_ACT_LOG", 0x7ffc0000}, {"SCMP_ACT_ALLOW", 0x7fff0000},
	}
}

func examineSeccomp(m *machine) []Finding {
	f := seccompFacts{filtered: m.filtered}
	f.filter = loadNothing(0)
	for _, action := range seccompActions() {
		if linux.ProbeSeccompAction(uint32(action.value)) != 0 {
			f.missing = append(f.missing, action.name)
		}
	}
	for _, flag := range seccompFlags() {
		if loadNothing(flag.value) != syscall.EFAULT {
			f.noFlags = append(f.noFlags, flag.name)
		}
	}
	version, errno := linux.Probe(linux.SYS_LANDLOCK_RULESET, 0, 0, linux.LANDLOCK_VERSION)
	f.version, f.landlock = int(version), errno
	return f.findings()
}

type seccompValue struct {
	name  string
	value uintptr
}

// seccompFlags are those of filters; to wait killably takes a listener.
func seccompFlags() []seccompValue {
	return []seccompValue{
		{"SECCOMP_FILTER_FLAG_TSYNC", linux.SECCOMP_FLAG_TSYNC},
		{"SECCOMP_FILTER_FLAG_LOG", linux.SECCOMP_FLAG_LOG},
		{"SECCOMP_FILTER_FLAG_SPEC_ALLOW", linux.SECCOMP_FLAG_SPEC_ALLOW},
		{"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", linux.SECCOMP_FLAG_NEW_LISTENER | linux.SECCOMP_FLAG_WAIT_KILLABLE},
	}
}

// loadNothing loads the filter at address 0. The flags are looked at first, so
// EFAULT says that they are known; nothing is loaded in any case. seccomp(2)
func loadNothing(flags uintptr) syscall.Errno {
	_, errno := linux.Probe(linux.SYS_SECCOMP, linux.SECCOMP_SET_MODE_FILTER, flags, 0)
	return errno
}

func (f seccompFacts) findings() []Finding {
	filters := ok(subjectSeccomp, "filters", "there", "linux.seccomp, which every engine sets by default")
	if f.filter != syscall.EFAULT {
		return []Finding{filters.bad(Error, "missing ("+linux.ErrnoName(f.filter)+")", "boot a kernel with CONFIG_SECCOMP_FILTER; until then engines need `--security-opt seccomp=unconfined`"), f.landlocked()}
	}
	if f.filtered {
		filters = filters.bad(Note, "there; keg itself runs under a filter, so it is in a container or a service with SystemCallFilter=", "")
	}
	actions := ok(subjectSeccomp, "actions", "all 8", "the actions that a profile can name").detail()
	if len(f.missing) > 0 {
		actions = actions.bad(Warning, "missing: "+strings.Join(f.missing, ", "), "profiles that name them are refused: use others, or Linux 5.0 and newer, which has all")
	}
	flags := ok(subjectSeccomp, "flags", "all 4", "linux.seccomp.flags; the last came with Linux 5.19").detail()
	if len(f.noFlags) > 0 {
		flags = flags.bad(Note, "missing: "+strings.Join(f.noFlags, ", "), "profiles that have them are refused: leave them out, or use Linux 5.19 and newer")
	}
	return []Finding{filters, actions, flags, f.landlocked()}
}

func (f seccompFacts) landlocked() Finding {
	level := ok(subjectSeccomp, "landlock", "version "+strconv.Itoa(f.version)+" of its interface", "nothing of keg's; programs in containers may restrict themselves with it").detail()
	switch f.landlock {
	case 0:
		return level
	case syscall.EOPNOTSUPP:
		return level.bad(Note, "built in, but off", "boot with landlock in the parameter lsm= of the kernel")
	}
	return level.bad(Note, "not there ("+linux.ErrnoName(f.landlock)+")", "")
}
