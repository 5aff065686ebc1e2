package plan

import (
	"encoding/binary"
	"strconv"
	"strings"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/program"
)

// capabilityNames in the kernel's order. capabilities(7)
var capabilityNames = [...]string{
	"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID", "CAP_SETPCAP",
	"CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_IPC_LOCK", "CAP_IPC_OWNER",
	"CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE", "CAP_SYS_PACCT", "CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_NICE",
	"CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD", "CAP_LEASE", "CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL", "CAP_SETFCAP",
	"CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG", "CAP_WAKE_ALARM", "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF",
	"CAP_CHECKPOINT_RESTORE",
}

type capabilitySets struct{ bounding, effective, inheritable, permitted, ambient uint64 }

// capabilities turns names into bits. What the kernel does not know, or keg cannot
// give, is left out with a warning. runtime-spec config.md#linux-process
func (c *compiler) capabilities(list *oci.LinuxCapabilities) capabilitySets {
	if list == nil {
		return capabilitySets{}
	}
	if c.sets != nil { // warned about already
		return *c.sets
	}
	c.sets = &capabilitySets{
		bounding:    c.capabilitySet("bounding", list.Bounding),
		effective:   c.capabilitySet("effective", list.Effective),
		inheritable: c.capabilitySet("inheritable", list.Inheritable),
		permitted:   c.capabilitySet("permitted", list.Permitted),
		ambient:     c.capabilitySet("ambient", list.Ambient),
	}
	if !c.ns.has(linux.CLONE_NEWUSER) {
		c.withhold(c.sets, c.in.Host.Withheld)
	}
	// Buildah names the permitted ones as ambient, and none as inheritable. capabilities(7)
	if refused := c.sets.ambient &^ (c.sets.permitted & c.sets.inheritable); refused != 0 {
		c.warn("process.capabilities.ambient", "ignored, since they are not both permitted and inheritable: "+setNames(refused))
		c.sets.ambient &^= refused
	}
	return *c.sets
}

// withhold takes from the sets what keg cannot give: a container that asks for all
// capabilities works where keg itself has been given fewer.
func (c *compiler) withhold(s *capabilitySets, bits uint64) {
	bits &= s.bounding | s.effective | s.inheritable | s.permitted | s.ambient
	if bits == 0 {
		return
	}
	var names []string
	for k, name := range capabilityNames {
		if bits&(1<<k) != 0 {
			names = append(names, name)
		}
	}
	c.warn("process.capabilities", "not granted, since keg does not have them itself: "+strings.Join(names, ", "))
	for _, set := range []*uint64{&s.bounding, &s.effective, &s.inheritable, &s.permitted, &s.ambient} {
		*set &^= bits
	}
}

func (c *compiler) capabilitySet(set string, names []string) uint64 {
	var bits uint64
	for i, name := range names {
		k := capabilityNumber(name)
		if k < 0 || k > c.in.Host.LastCap {
			c.warn(index("process.capabilities."+set, i), "ignored: this kernel does not know "+strconv.Quote(name))
			continue
		}
		bits |= 1 << k
	}
	return bits
}

// Capabilities are those that keg knows, by number.
func Capabilities() []string { return capabilityNames[:] }

// IsCapability tells whether there is a capability of this name.
func IsCapability(name string) bool { return capabilityNumber(name) >= 0 }

func capabilityNumber(name string) int {
	for i, n := range capabilityNames {
		if n == name {
			return i
		}
	}
	return -1
}

// credentials gives the process its user, groups and capabilities: exactly
// those of the configuration, inheritable and ambient ones included
// (CVE-2022-24769).
func (c *compiler) credentials() {
	p := c.in.Spec.Process
	if p == nil {
		return
	}
	sets := c.capabilities(p.Capabilities)
	c.dropBounding(sets.bounding)
	c.user(&p.User)
	title, now := "set the capabilities", sets
	if c.filterNeedsAdmin(sets) {
		title += ", and CAP_SYS_ADMIN until the seccomp filter is loaded"
		now.effective |= 1 << linux.CAP_SYS_ADMIN
		now.permitted |= 1 << linux.CAP_SYS_ADMIN
		c.filter.capabilities = &sets
	}
	c.step("process.capabilities", title)
	c.call(program.Prctl, program.N(linux.PR_CAP_AMBIENT), program.Named(linux.PR_CAP_AMBIENT_CLEAR, "PR_CAP_AMBIENT_CLEAR_ALL"), program.N(0), program.N(0), program.N(0))
	c.setCapabilities(now)
	if now == sets {
		c.raiseAmbient(sets)
	}
	if p.NoNewPrivileges {
		c.step("process.noNewPrivileges", "refuse new privileges by execve from here on")
		c.call(program.Prctl, program.N(linux.PR_SET_NO_NEW_PRIVS), program.N(1), program.N(0), program.N(0), program.N(0))
	}
}

func (c *compiler) setCapabilities(sets capabilitySets) {
	c.call(program.Capset, c.b.Bytes(capHeader(), "{version=3}"), c.b.Bytes(capData(sets), describeSets(sets)))
}

func (c *compiler) raiseAmbient(sets capabilitySets) {
	for k := range c.in.Host.LastCap + 1 {
		if sets.ambient&(1<<k) != 0 {
			c.call(program.Prctl, program.N(linux.PR_CAP_AMBIENT), program.Named(linux.PR_CAP_AMBIENT_RAISE, "PR_CAP_AMBIENT_RAISE"), capability(k), program.N(0), program.N(0))
		}
	}
}

func (c *compiler) dropBounding(keep uint64) {
	c.step("process.capabilities.bounding", "drop the other capabilities for good")
	for k := range c.in.Host.LastCap + 1 {
		if keep&(1<<k) == 0 {
			c.call(program.Prctl, program.N(linux.PR_CAPBSET_DROP), capability(k))
		}
	}
}

func (c *compiler) user(u *oci.User) {
	umask := uint32(0o22)
	if u.Umask != nil {
		umask = *u.Umask
	}
	c.step("process.user", "become user "+strconv.FormatUint(uint64(u.UID), 10)+", group "+strconv.FormatUint(uint64(u.GID), 10))
	c.call(program.Umask, program.N(umask))
	c.call(program.Prctl, program.N(linux.PR_SET_KEEPCAPS), program.N(1))
	c.groups(u)
	c.call(program.Setresgid, program.N(u.GID), program.N(u.GID), program.N(u.GID))
	c.call(program.Setresuid, program.N(u.UID), program.N(u.UID), program.N(u.UID))
	c.setDumpable(0) // new ids have reset it, to what fs.suid_dumpable says
}

// groups sets the supplementary groups. Without any, a failure is harmless
// only where the kernel denies the call as such: to one who mapped a single
// id without privileges. user_namespaces(7)
func (c *compiler) groups(u *oci.User) {
	if c.keepsGroups() {
		return
	}
	data := make([]byte, 0, 4*len(u.AdditionalGids))
	for _, g := range u.AdditionalGids {
		data = binary.NativeEndian.AppendUint32(data, g)
	}
	list := program.N(0)
	if len(data) > 0 {
		list = c.b.Bytes(data, "groups")
	}
	o := op(program.Setgroups, program.N(len(u.AdditionalGids)), list)
	if len(data) == 0 && c.ns.has(linux.CLONE_NEWUSER) && !c.in.Host.Privileged {
		o.On[0].Errno = eperm
	}
	c.b.Add(o)
}

// AnnotationKeepGroups leaves a process the groups of keg's caller, as crun does
// and Podman asks for (--group-add keep-groups): in a user namespace they are not
// mapped, but what they may reach on the host they may still.
const AnnotationKeepGroups = "run.oci.keep_original_groups"

func (c *compiler) keepsGroups() bool {
	_, asked := c.in.Spec.Annotations[AnnotationKeepGroups]
	return asked
}

// capHeader is struct __user_cap_header_struct. capset(2)
func capHeader() []byte {
	const version3 = 0x20080522
	return binary.NativeEndian.AppendUint64(nil, version3)
}

// capData is struct __user_cap_data_struct, twice: the low and the high bits.
func capData(s capabilitySets) []byte {
	var p []byte
	for _, shift := range []uint{0, 32} {
		p = binary.NativeEndian.AppendUint32(p, uint32(s.effective>>shift))
		p = binary.NativeEndian.AppendUint32(p, uint32(s.permitted>>shift))
		p = binary.NativeEndian.AppendUint32(p, uint32(s.inheritable>>shift))
	}
	return p
}

func describeSets(s capabilitySets) string {
	return "{effective=" + setNames(s.effective) + ", permitted=" + setNames(s.permitted) + ", inheritable=" + setNames(s.inheritable) + "}"
}

func setNames(bits uint64) string {
	if bits == 0 {
		return "0"
	}
	names := make([]byte, 0, 256)
	for k := range 64 {
		if bits&(1<<k) != 0 {
			if len(names) > 0 {
				names = append(names, '|')
			}
			names = append(names, capabilityName(k)...)
		}
	}
	return string(names)
}

// capabilityName is a name, or the number of what is newer than keg.
func capabilityName(k int) string {
	if k < len(capabilityNames) {
		return capabilityNames[k]
	}
	return strconv.Itoa(k)
}

func capability(k int) program.Arg { return program.Named(k, capabilityName(k)) }
