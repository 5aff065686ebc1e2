package container

import (
	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/host"
	"github.com/keg-project/keg/plan"
)

// labelFacts adds what is known of AppArmor and SELinux, for configurations
// that have a label.
func labelFacts(f plan.Facts, s *oci.Spec) plan.Facts {
	p := s.Process
	f.AppArmor = p != nil && p.ApparmorProfile != "" && host.AppArmor()
	f.SELinux = (p != nil && p.SelinuxLabel != "" || s.Linux != nil && s.Linux.MountLabel != "") && host.SELinux()
	return f
}
