package spec

import (
	"slices"
	"strings"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

func (c *checker) linux(root *path, s *oci.Spec) {
	p := root.field("linux")
	v := s.Linux
	propagation, masked, readonly := p.field("rootfsPropagation"), p.field("maskedPaths"), p.field("readonlyPaths")
	c.namespaceList(&p)
	c.userMappings(&p, v)
	c.timeOffsets(&p, v.TimeOffsets)
	c.cgroupsPath(&p, v.CgroupsPath)
	c.devices(&p, v.Devices)
	c.netDevices(&p, v.NetDevices)
	c.sysctls(&p, s)
	c.seccomp(&p, v.Seccomp)
	if v.RootfsPropagation != "" {
		oneOf(c, &propagation, v.RootfsPropagation, propagations)
	}
	c.absolutePaths(&masked, v.MaskedPaths)
	c.absolutePaths(&readonly, v.ReadonlyPaths)
	c.personality(&p, v.Personality)
	c.memoryPolicy(&p, v.MemoryPolicy)
	c.intelRdt(&p, v.IntelRdt)
	if v.Resources != nil {
		resources := p.field("resources")
		c.resources(&resources, v.Resources)
	}
}

// propagations: the recursive ones are not in the specification, but engines
// send them (containerd: rslave, rshared) and every runtime takes them.
var propagations = []string{
	"shared", "slave", "private", "unbindable", "rshared", "rslave", "rprivate", "runbindable",
}

func (c *checker) absolutePaths(p *path, list []string) {
	for i, file := range list {
		e := p.at(i)
		c.absolute(&e, file)
	}
}

// cgroupsPath: `..` would leave the place in the hierarchy that the caller was
// given. With systemd the parts are separated by colons.
func (c *checker) cgroupsPath(linux *path, cgroup string) {
	part := func(r rune) bool { return r == '/' || r == ':' }
	if slices.Contains(strings.FieldsFunc(cgroup, part), "..") {
		p := linux.field("cgroupsPath")
		c.bad(&p, quote(cgroup), "a path without ..")
	}
}

// Device numbers have 12 and 20 bits: beyond them, makedev(3) would name
// another device than the one that was asked for.
const (
	maxMajor = 1<<12 - 1
	maxMinor = 1<<20 - 1
)

var deviceTypes = []string{"c", "b", "u", "p"}

func (c *checker) devices(linux *path, list []oci.LinuxDevice) {
	p := linux.field("devices")
	for i := range list {
		e, v := p.at(i), &list[i]
		file, kind, mode := e.field("path"), e.field("type"), e.field("fileMode")
		uid, gid := e.field("uid"), e.field("gid")
		c.absolute(&file, v.Path)
		if oneOf(c, &kind, v.Type, deviceTypes) && v.Type != "p" {
			c.deviceNumber(&e, v)
		}
		if v.FileMode != nil && !isDeviceMode(uint32(*v.FileMode), v.Type) {
			c.bad(&mode, decimal(uint32(*v.FileMode)), "permissions from 0 to 4095 (octal 7777)")
		}
		if v.UID != nil {
			c.id(&uid, *v.UID)
		}
		if v.GID != nil {
			c.id(&gid, *v.GID)
		}
	}
}

// deviceNumber: 0:0 is no device, but what stands where numbers were left out.
func (c *checker) deviceNumber(e *path, v *oci.LinuxDevice) {
	major, minor := e.field("major"), e.field("minor")
	if v.Major == 0 && v.Minor == 0 {
		c.bad(&major, "major 0 and minor 0, or none", "a device number, for type "+v.Type)
		return
	}
	between(c, &major, v.Major, 0, maxMajor)
	between(c, &minor, v.Minor, 0, maxMinor)
}

// isDeviceMode allows the file type in a mode, as stat(2) returns it and some
// tools copy it, where it is the device's.
func isDeviceMode(mode uint32, kind string) bool {
	const typeMask = 0o170000 // S_IFMT
	bits := map[string]uint32{"c": 0o020000, "u": 0o020000, "b": 0o060000, "p": 0o010000}[kind]
	format := mode & typeMask
	return mode <= 0o177777 && (format == 0 || format == bits)
}

var personalityDomains = []oci.LinuxPersonalityDomain{oci.PerLinux, oci.PerLinux32}

func (c *checker) personality(linux *path, v *oci.LinuxPersonality) {
	if v == nil {
		return
	}
	p := linux.field("personality")
	domain, flags := p.field("domain"), p.field("flags")
	oneOf(c, &domain, v.Domain, personalityDomains)
	each(c, &flags, v.Flags, nil)
}

var memoryModes = []oci.MemoryPolicyModeType{
	oci.MpolDefault, oci.MpolBind, oci.MpolInterleave, oci.MpolWeightedInterleave,
	oci.MpolPreferred, oci.MpolPreferredMany, oci.MpolLocal,
}

var memoryFlags = []oci.MemoryPolicyFlagType{
	oci.MpolFNumaBalancing, oci.MpolFRelativeNodes, oci.MpolFStaticNodes,
}

// set_mempolicy(2)
func (c *checker) memoryPolicy(linux *path, v *oci.LinuxMemoryPolicy) {
	if v == nil {
		return
	}
	p := linux.field("memoryPolicy")
	mode, nodes, flags := p.field("mode"), p.field("nodes"), p.field("flags")
	each(c, &flags, v.Flags, memoryFlags)
	c.ranges(&nodes, v.Nodes)
	if !oneOf(c, &mode, v.Mode, memoryModes) {
		return
	}
	switch none := v.Nodes == ""; v.Mode {
	case oci.MpolDefault, oci.MpolLocal:
		if !none {
			c.bad(&nodes, quote(v.Nodes), "none with mode "+string(v.Mode))
		}
	case oci.MpolPreferred:
	default:
		if none {
			c.missing(&nodes, "at least one node with mode "+string(v.Mode))
		}
	}
	if slices.Contains(v.Flags, oci.MpolFRelativeNodes) && slices.Contains(v.Flags, oci.MpolFStaticNodes) {
		c.bad(&flags, "MPOL_F_RELATIVE_NODES and MPOL_F_STATIC_NODES", "one of them")
	}
}

// intelRdt: closID names a directory, and each schema is one line of a file.
func (c *checker) intelRdt(linux *path, v *oci.LinuxIntelRdt) {
	if v == nil {
		return
	}
	p := linux.field("intelRdt")
	clos, bandwidth, schemata := p.field("closID"), p.field("memBwSchema"), p.field("schemata")
	if id := v.ClosID; id != "/" && (id == "." || id == ".." || strings.ContainsAny(id, "/\n")) {
		c.bad(&clos, quote(id), "a directory's name, /")
	}
	if v.MemBwSchema != "" && !strings.HasPrefix(v.MemBwSchema, "MB:") {
		c.bad(&bandwidth, quote(v.MemBwSchema), "a schema that begins with MB:")
	}
	c.line(&bandwidth, v.MemBwSchema)
	for i, s := range v.Schemata {
		e := schemata.at(i)
		c.line(&e, s)
	}
}

// netDevices: without its own namespace, the device would stay on the host
// under the name that the container's configuration gives it.
func (c *checker) netDevices(linux *path, devices map[string]oci.LinuxNetDevice) {
	if len(devices) == 0 {
		return
	}
	p := linux.field("netDevices")
	if !c.has(oci.NetworkNamespace) {
		c.bad(&p, "devices", "none without a namespace of type network")
	}
	taken := map[string]string{}
	for _, host := range sortedKeys(devices) {
		e := p.key(host)
		name := e.field("name")
		inside := devices[host].Name
		c.interfaceName(&e, host)
		switch before, found := strings.CutSuffix(inside, "%d"); {
		case inside == "":
			inside = host
		case found: // the kernel puts a number there
			c.interfaceName(&name, before+"0")
			continue
		default:
			c.interfaceName(&name, inside)
		}
		if other, found := taken[inside]; found {
			c.bad(&name, quote(inside), "another name than that of "+quote(other))
		}
		taken[inside] = host
	}
}

// interfaceName: IFNAMSIZ, and what dev_valid_name of the kernel refuses.
func (c *checker) interfaceName(p *path, name string) {
	if name == "" || len(name) > 15 || name == "." || name == ".." || strings.ContainsAny(name, "/:% \t\n\v\f\r") {
		c.bad(p, quote(name), "an interface's name, of 1 to 15 bytes without / : % and white space")
	}
}
