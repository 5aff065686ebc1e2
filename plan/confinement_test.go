package plan

import (
	"reflect"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/linux"
)

func TestConfinementOf(t *testing.T) {
	in := saved(t)
	in.Host.AppArmor, in.Host.LastCap = true, 40
	in.Spec.Linux.Namespaces = []oci.LinuxNamespace{{Type: oci.MountNamespace}, {Type: oci.UserNamespace}, {Type: oci.UTSNamespace, Path: "/u"}}
	in.Spec.Linux.UIDMappings = []oci.LinuxIDMapping{{HostID: 7, Size: 1}}
	in.Spec.Linux.Seccomp = &oci.LinuxSeccomp{}
	in.Spec.Process = &oci.Process{
		NoNewPrivileges: true, ApparmorProfile: "p", SelinuxLabel: "l",
		Capabilities: &oci.LinuxCapabilities{Bounding: []string{"CAP_CHOWN", "CAP_UNKNOWN"}, Permitted: []string{"CAP_KILL"}},
	}
	want := Confinement{
		Filter: true, NoNewPrivileges: true, Bounding: 1, Capabilities: 1 | 1<<5, Private: linux.CLONE_NEWNS | linux.CLONE_NEWUSER,
		Joined: []Joined{{"linux.namespaces[2].path", "/u", linux.CLONE_NEWUTS}},
		Maps:   &IDMaps{UID: in.Spec.Linux.UIDMappings}, AppArmor: "p", SELinux: "l",
	}
	if got := ConfinementOf(in); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	in.Host.AppArmor, in.Spec.Process = false, &oci.Process{ApparmorProfile: "unconfined"}
	in.Spec.Linux.Namespaces, in.Spec.Linux.Seccomp = nil, nil
	if got := ConfinementOf(in); !reflect.DeepEqual(got, Confinement{}) {
		t.Errorf("without anything: %+v", got)
	}
}
