package spec

import (
	"slices"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

var seccompActions = []oci.LinuxSeccompAction{
	oci.ActKill, oci.ActKillProcess, oci.ActKillThread, oci.ActTrap, oci.ActErrno,
	oci.ActTrace, oci.ActAllow, oci.ActLog, oci.ActNotify,
}

var seccompArchitectures = []oci.Arch{
	oci.ArchX86, oci.ArchX86_64, oci.ArchX32, oci.ArchARM, oci.ArchAARCH64, oci.ArchMIPS, oci.ArchMIPS64,
	oci.ArchMIPS64N32, oci.ArchMIPSEL, oci.ArchMIPSEL64, oci.ArchMIPSEL64N32, oci.ArchPPC, oci.ArchPPC64,
	oci.ArchPPC64LE, oci.ArchS390, oci.ArchS390X, oci.ArchPARISC, oci.ArchPARISC64, oci.ArchRISCV64,
	oci.ArchLOONGARCH64, oci.ArchM68K, oci.ArchSH, oci.ArchSHEB,
}

// TSYNC has no constant in the Go bindings.
var seccompFlags = []oci.LinuxSeccompFlag{
	"SECCOMP_FILTER_FLAG_TSYNC", oci.LinuxSeccompFlagLog, oci.LinuxSeccompFlagSpecAllow,
	oci.LinuxSeccompFlagWaitKillableRecv,
}

var seccompOperators = []oci.LinuxSeccompOperator{
	oci.OpNotEqual, oci.OpLessThan, oci.OpLessEqual, oci.OpEqualTo,
	oci.OpGreaterEqual, oci.OpGreaterThan, oci.OpMaskedEqual,
}

func (c *checker) seccomp(linux *path, v *oci.LinuxSeccomp) {
	if v == nil {
		return
	}
	p := linux.field("seccomp")
	action, errno := p.field("defaultAction"), p.field("defaultErrnoRet")
	architectures, flags, syscalls := p.field("architectures"), p.field("flags"), p.field("syscalls")
	oneOf(c, &action, v.DefaultAction, seccompActions)
	if v.DefaultAction == oci.ActNotify {
		// the call that hands the listener over would wait for the listener
		c.bad(&action, quote(string(oci.ActNotify)), "another action than this one for what no rule names")
	}
	c.errnoRet(&errno, v.DefaultErrnoRet, v.DefaultAction)
	each(c, &architectures, v.Architectures, seccompArchitectures)
	each(c, &flags, v.Flags, seccompFlags)
	for i := range v.Syscalls {
		e := syscalls.at(i)
		c.seccompRule(&e, &v.Syscalls[i])
	}
	c.listener(&p, v)
}

func (c *checker) seccompRule(p *path, v *oci.LinuxSyscall) {
	names, action, errno, args := p.field("names"), p.field("action"), p.field("errnoRet"), p.field("args")
	if len(v.Names) == 0 {
		c.missing(&names, "at least one system call")
	}
	for i, name := range v.Names {
		if name == "" {
			e := names.at(i)
			c.bad(&e, quote(name), "a system call")
		}
	}
	oneOf(c, &action, v.Action, seccompActions)
	c.errnoRet(&errno, v.ErrnoRet, v.Action)
	for i, arg := range v.Args {
		e := args.at(i)
		index, op := e.field("index"), e.field("op")
		between(c, &index, arg.Index, 0, 5)
		oneOf(c, &op, arg.Op, seccompOperators)
	}
}

// errnoRet: "When the action doesn't support an errno, the runtime MUST print
// an error and fail." A number that does not fit would be cut to another one.
func (c *checker) errnoRet(p *path, errno *uint, action oci.LinuxSeccompAction) {
	switch {
	case errno == nil:
	case action == oci.ActErrno:
		between(c, p, *errno, 0, 4095) // MAX_ERRNO
	case action == oci.ActTrace:
		between(c, p, *errno, 0, 1<<16-1) // SECCOMP_RET_DATA
	default:
		c.bad(p, decimal(*errno), "none with action "+string(action)+"; only SCMP_ACT_ERRNO and SCMP_ACT_TRACE take one")
	}
}

// listener: listenerPath is ignored where nothing is notified; where something
// is, a call would wait for ever.
func (c *checker) listener(p *path, v *oci.LinuxSeccomp) {
	file, metadata := p.field("listenerPath"), p.field("listenerMetadata")
	notifies := slices.ContainsFunc(v.Syscalls, func(s oci.LinuxSyscall) bool { return s.Action == oci.ActNotify })
	switch {
	case v.ListenerPath == "" && v.ListenerMetadata != "":
		c.bad(&metadata, quote(v.ListenerMetadata), "none without listenerPath")
	case len(v.ListenerPath) > 107: // sockaddr_un
		c.bad(&file, quote(v.ListenerPath), "a socket's path, of at most 107 bytes")
	}
	if notifies || v.ListenerPath != "" {
		c.absolute(&file, v.ListenerPath)
	}
}
