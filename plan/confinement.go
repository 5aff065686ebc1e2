package plan

import (
	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/linux"
)

// Confinement is what the configuration keeps a container's processes from, as
// far as the images of a checkpoint could say otherwise: what is made from them
// has that from them, and not from a plan.
type Confinement struct {
	Filter          bool // seccomp
	NoNewPrivileges bool
	Bounding        uint64 // capabilities
	Capabilities    uint64 // that any other set may have: a program of root's gains the bounding ones
	Private         uint64 // CLONE_NEW* of the namespaces that are the container's own
	Joined          []Joined
	Maps            *IDMaps // nil: keg's
	AppArmor        string  // "" for any
	SELinux         string  // likewise
}

// ConfinementOf is that of a container whose process is configured.
func ConfinementOf(in Input) Confinement {
	c := newCompiler(in)
	p, l := in.Spec.Process, in.Spec.Linux
	c.ns = namespacesOf(l)
	f := Confinement{
		Filter: l != nil && l.Seccomp != nil, NoNewPrivileges: p.NoNewPrivileges,
		Private: c.ns.created, Joined: JoinedNamespaces(in.Spec), AppArmor: c.profile(), SELinux: c.label(),
	}
	if c.ns.isNew(linux.CLONE_NEWUSER) {
		f.Maps = &IDMaps{l.UIDMappings, l.GIDMappings}
	}
	if s := p.Capabilities; s != nil {
		f.Bounding = c.capabilitySet("bounding", s.Bounding)
		f.Capabilities = f.Bounding
		for _, names := range [...][]string{s.Effective, s.Permitted, s.Inheritable, s.Ambient} {
			f.Capabilities |= c.capabilitySet("", names)
		}
	}
	return f
}

// CapabilityNames tells a set in words.
func CapabilityNames(bits uint64) string { return setNames(bits) }

// unconfinedInit: keg's own init has neither the filter nor the label, and no
// image tells it from another program.
func unconfinedInit(s *oci.Spec) bool {
	if s.Annotations[AnnotationInit] != "true" {
		return false
	}
	p := s.Process
	return s.Linux != nil && s.Linux.Seccomp != nil || p != nil && (p.ApparmorProfile != "" && p.ApparmorProfile != unconfined || p.SelinuxLabel != "")
}
