package plan

import (
	"runtime"
	"slices"
	"strconv"
	"strings"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/program"
	"github.com/keg-project/keg/seccomp"
)

// AnnotationUnknownSyscall makes names of system calls that keg does not know
// errors: "1". It is crun's.
const AnnotationUnknownSyscall = "run.oci.seccomp_fail_unknown_syscall"

// filter is a seccomp filter on its way into the process.
type filter struct {
	*seccomp.Filter
	flags        uint64
	notifies     bool            // it has a listener
	capabilities *capabilitySets // that are set under it; nil: they are already
	loaded       int             // the first op under it
	exec         int             // the execve
	failures     int             // the end of what follows only an execve that has failed
}

// compileFilter turns the profile into a filter.
func (c *compiler) compileFilter() {
	l := c.in.Spec.Linux
	if l == nil || l.Seccomp == nil || c.in.Spec.Process == nil {
		return
	}
	p := l.Seccomp
	compiled, err := seccomp.Compile(p, seccomp.Options{
		Arch:        runtime.GOARCH,
		FailUnknown: c.in.Spec.Annotations[AnnotationUnknownSyscall] == "1",
	})
	if err != nil {
		c.errs = append(c.errs, err)
		return
	}
	c.filter = &filter{Filter: compiled, notifies: Notifies(p)}
	c.filterFlags(p)
	if len(compiled.Unknown) > 0 {
		c.warn("linux.seccomp", "no architecture is known to have these system calls, they are ignored: "+strings.Join(compiled.Unknown, ", "))
	}
	switch {
	case c.filter.notifies && p.ListenerPath == "":
		c.fail("linux.seccomp.listenerPath", "the profile has rules with SCMP_ACT_NOTIFY, but no socket where somebody hears of it")
	case !c.filter.notifies && p.ListenerPath != "":
		c.warn("linux.seccomp.listenerPath", "ignored: no rule of the profile has SCMP_ACT_NOTIFY")
	}
}

// Notifies tells whether a profile uses SCMP_ACT_NOTIFY. "If the SCMP_ACT_NOTIFY
// action is not used this value is ignored", says the specification of
// listenerPath: what counts is the profile, even if this machine has none of
// the calls that it names. runtime-spec config-linux.md#seccomp
func Notifies(p *oci.LinuxSeccomp) bool {
	return p != nil && slices.ContainsFunc(p.Syscalls, func(s oci.LinuxSyscall) bool { return s.Action == oci.ActNotify })
}

func (c *compiler) filterFlags(p *oci.LinuxSeccomp) {
	f := c.filter
	for i, flag := range p.Flags {
		switch flag {
		case "SECCOMP_FILTER_FLAG_TSYNC":
			if !f.notifies { // together they are refused; and the process has one thread
				f.flags |= linux.SECCOMP_FLAG_TSYNC
			}
		case oci.LinuxSeccompFlagLog:
			f.flags |= linux.SECCOMP_FLAG_LOG
		case oci.LinuxSeccompFlagSpecAllow:
			f.flags |= linux.SECCOMP_FLAG_SPEC_ALLOW
		case oci.LinuxSeccompFlagWaitKillableRecv:
			if f.notifies {
				f.flags |= linux.SECCOMP_FLAG_WAIT_KILLABLE
			} else { // the kernel refuses it
				c.warn(index("linux.seccomp.flags", i), "ignored: it is about SCMP_ACT_NOTIFY, which no rule of the profile has")
			}
		}
	}
	if f.notifies {
		f.flags |= linux.SECCOMP_FLAG_NEW_LISTENER
	}
}

// SeccompWords are the actions, operators and architectures that profiles may
// name.
func SeccompWords() (actions, operators, archs []string) {
	for _, a := range seccomp.Architectures(runtime.GOARCH) {
		archs = append(archs, string(a))
	}
	return seccomp.Actions(), seccomp.Operators(), archs
}

// filterNeedsAdmin: without no_new_privs only CAP_SYS_ADMIN may load a filter.
// seccomp(2)
func (c *compiler) filterNeedsAdmin(sets capabilitySets) bool {
	if c.filter == nil || c.in.Spec.Process.NoNewPrivileges || sets.effective&(1<<linux.CAP_SYS_ADMIN) != 0 {
		return false
	}
	if !c.in.Host.Privileged && !c.ns.has(linux.CLONE_NEWUSER) {
		c.fail("linux.seccomp", "loading a filter needs CAP_SYS_ADMIN, or process.noNewPrivileges set to true")
	}
	return true
}

// load is the op that loads the filter.
func (c *compiler) load() program.Op {
	f := c.filter
	what := strconv.Itoa(len(f.Code)) + " instructions, default " + seccomp.Describe(f.Default)
	c.step("linux.seccomp", "load the seccomp filter: "+what)
	code := c.b.Bytes(f.Bytes(), "filter")
	prog := c.b.Words("{BPF: "+what+"}", uint64(len(f.Code)), code.Address()) // struct sock_fprog, little-endian
	return op(program.Seccomp, program.N(linux.SECCOMP_SET_MODE_FILTER), program.N(f.flags), prog)
}

// loadFilter is the last thing before execve. What is called in between, the
// profile has to allow.
func (c *compiler) loadFilter() {
	if c.filter == nil || c.filter.notifies {
		return
	}
	c.b.Add(c.load())
	c.underFilter()
}

// underFilter drops what was kept for loading the filter.
func (c *compiler) underFilter() {
	f := c.filter
	f.loaded = len(c.b.Ops())
	if f.capabilities == nil {
		return
	}
	c.step("process.capabilities", "set the final capabilities")
	c.setCapabilities(*f.capabilities)
	c.raiseAmbient(*f.capabilities)
}

func (f *filter) execAt(op int) {
	if f != nil {
		f.exec = op
	}
}

func (f *filter) failuresEnd(op int) {
	if f != nil {
		f.failures = op
	}
}

// checkFilter runs the filter over the calls that follow it: a profile that
// stops one of them would leave a container that never starts. What follows only
// a failed execve is no such call: there the kernel's own verdict is lost, but
// not the container.
func (c *compiler) checkFilter() {
	f := c.filter
	if f == nil || f.loaded == 0 {
		return
	}
	end := len(c.b.Ops())
	if c.hasInit() && !f.notifies {
		end = f.failures // the init itself is not under it
	}
	stopped := map[string]bool{}
	for i := f.loaded; i < end; i++ {
		if i > f.exec && i < f.failures {
			continue
		}
		o := &c.b.Ops()[i]
		if o.Call == program.Set || o.Call == program.Add || stopped[o.Call.Name] {
			continue
		}
		if ret := f.worst(o); !seccomp.Permits(ret) {
			stopped[o.Call.Name] = true
			c.stops(c.plan.stepOf(i), o.Call, ret)
		}
	}
}

// worst is what the filter may do to an op, of which loaded arguments are not
// known yet.
func (f *filter) worst(o *program.Op) uint32 {
	d := seccomp.Data{Nr: o.Call.Nr, Arch: seccomp.NativeAudit(runtime.GOARCH)}
	known := uint8(0)
	for i, a := range o.Args {
		if v, ok := a.Constant(); ok {
			d.Args[i] = v
			known |= 1 << i
		}
	}
	ret, err := seccomp.Worst(f.Code, &d, known)
	if err != nil {
		return seccomp.RetKillProcess
	}
	return ret
}

func (c *compiler) stops(s Step, call *program.Call, ret uint32) {
	hint := "allow it"
	if call == program.Capset || call == program.Prctl {
		hint += ", or set process.noNewPrivileges"
	}
	c.fail("linux.seccomp", "the profile answers %s to %s, which keg has to call under it (%s): %s", seccomp.Describe(ret), call.Name, s.Title, hint)
}
