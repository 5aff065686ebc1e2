package run

import (
	"os"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// Nothing of the host's tree is left in the container's mount namespace, not
// even on top of its root, where only "/.." would lead to it.
func TestOldRootIsGone(t *testing.T) {
	overlay := map[string]string{"org.keg.root.overlay": "tmpfs"}
	for name, annotations := range map[string]map[string]string{"plain": nil, "overlay": overlay} {
		for _, userns := range []bool{false, true} {
			if !userns && os.Geteuid() != 0 {
				continue
			}
			b := kegtest.NewBundle(t, "sh", "-c", "stat -c %d:%i / /..; cat /proc/self/mountinfo")
			b.Spec.Annotations = annotations
			if userns && os.Geteuid() == 0 {
				b.Spec.Linux.Namespaces = append(b.Spec.Linux.Namespaces, oci.LinuxNamespace{Type: oci.UserNamespace})
				b.Spec.Linux.UIDMappings = []oci.LinuxIDMapping{{Size: 65536}}
				b.Spec.Linux.GIDMappings = []oci.LinuxIDMapping{{Size: 65536}}
			}
			lines := strings.Split(strings.TrimSpace(b.Output()), "\n")
			if lines[0] != lines[1] {
				t.Errorf("%s, user namespace %v: /.. is %s, / is %s", name, userns, lines[1], lines[0])
			}
			roots := 0
			for _, line := range lines[2:] {
				if point := strings.Fields(line)[4]; point == "/" {
					roots++
				}
			}
			if roots != 1 {
				t.Errorf("%s, user namespace %v: %d mounts on /:\n%s", name, userns, roots, strings.Join(lines[2:], "\n"))
			}
		}
	}
}
