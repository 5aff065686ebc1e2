package container

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/spec"
)

// ProcessChange is how a process that joins differs from the container's own.
type ProcessChange struct {
	Args            []string
	Env             []string // beside the container's; a name that is there already is replaced
	Cwd             string   // "": the container's
	UID, GID        *uint32
	AdditionalGids  []uint32 // beside the container's
	Capabilities    []string // beside the container's: bounding, effective and permitted
	ApparmorProfile string
	SelinuxLabel    string
	NoNewPrivileges bool
	Terminal        bool
}

// execProcess is the process that is to run in the container: the one that was
// given, or the container's own with the changes. What the container's
// configuration says and a given process leaves open holds for it too.
func execProcess(s *oci.Spec, o *ExecOptions) (*oci.Process, error) {
	if s.Process == nil {
		return nil, errors.New("the container's config.json has no process")
	}
	var p *oci.Process
	if o.Process == nil {
		p = changed(s.Process, &o.Changes)
	} else {
		var err error
		if p, err = spec.DecodeProcess(o.Process); err != nil {
			return nil, fmt.Errorf("invalid process: %w", err)
		}
		p.Terminal = p.Terminal || o.Changes.Terminal
		inherit(p, s.Process)
	}
	if err := spec.ValidateProcess(p); err != nil {
		return nil, fmt.Errorf("invalid process: %w", err)
	}
	return p, nil
}

func changed(base *oci.Process, c *ProcessChange) *oci.Process {
	p := *base
	p.Args, p.Terminal, p.ConsoleSize = c.Args, c.Terminal, nil
	p.Env = slices.Concat(base.Env, c.Env)
	p.Cwd = cmp.Or(c.Cwd, base.Cwd)
	if c.UID != nil {
		p.User.UID = *c.UID
	}
	if c.GID != nil {
		p.User.GID = *c.GID
	}
	p.User.AdditionalGids = slices.Concat(base.User.AdditionalGids, c.AdditionalGids)
	p.Capabilities = withCapabilities(base.Capabilities, c.Capabilities)
	p.ApparmorProfile = cmp.Or(c.ApparmorProfile, base.ApparmorProfile)
	p.SelinuxLabel = cmp.Or(c.SelinuxLabel, base.SelinuxLabel)
	p.NoNewPrivileges = base.NoNewPrivileges || c.NoNewPrivileges
	return &p
}

// withCapabilities adds none to the inheritable set, and so none to the
// ambient one: CVE-2022-29162.
func withCapabilities(base *oci.LinuxCapabilities, add []string) *oci.LinuxCapabilities {
	if len(add) == 0 {
		return base
	}
	var sets oci.LinuxCapabilities
	if base != nil {
		sets = *base
	}
	sets.Bounding = slices.Concat(sets.Bounding, add)
	sets.Effective = slices.Concat(sets.Effective, add)
	sets.Permitted = slices.Concat(sets.Permitted, add)
	return &sets
}

// inherit fills in what an engine's process leaves open. Privileges that the
// container has given up once for all are nobody's to regain by leaving it out.
func inherit(p, base *oci.Process) {
	p.NoNewPrivileges = p.NoNewPrivileges || base.NoNewPrivileges
	p.User.Umask = cmp.Or(p.User.Umask, base.User.Umask)
	p.Capabilities = cmp.Or(p.Capabilities, base.Capabilities)
	if p.Rlimits == nil {
		p.Rlimits = base.Rlimits
	}
	p.OOMScoreAdj = cmp.Or(p.OOMScoreAdj, base.OOMScoreAdj)
	p.Scheduler = cmp.Or(p.Scheduler, base.Scheduler)
	p.IOPriority = cmp.Or(p.IOPriority, base.IOPriority)
	p.ExecCPUAffinity = cmp.Or(p.ExecCPUAffinity, base.ExecCPUAffinity)
	p.ApparmorProfile = cmp.Or(p.ApparmorProfile, base.ApparmorProfile)
	p.SelinuxLabel = cmp.Or(p.SelinuxLabel, base.SelinuxLabel)
}
