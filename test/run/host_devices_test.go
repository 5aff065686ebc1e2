package run

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// changeHost tries to change the mode, owner and times of what may be the
// host's own nodes, and shows that they work nevertheless.
const changeHost = `for n in NODES; do chmod 0606 $n; chown 0:7 $n; touch $n; done 2>/dev/null
echo w > /dev/null && echo w > /f && cat /f && head -c 2 /dev/zero | od -An -tx1`

// A null device over a masked file, and devices in a user namespace, are the
// host's. Root inside owns them where it is root outside, too: a chmod there
// must not take /dev/null from everybody on the machine.
func TestHostDevicesStayAsTheyAre(t *testing.T) {
	kegtest.NeedRoot(t)
	identity := []oci.LinuxIDMapping{{Size: 1 << 31}}
	for _, c := range []struct {
		name, nodes string
		user        bool
	}{
		{"masked", "/f", false},
		{"masked, root mapped to root", "/f", true},
		{"devices, root mapped to root", "/dev/null /dev/full /dev/urandom", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := bundle(t, strings.Replace(changeHost, "NODES", c.nodes, 1))
			inImage(t, b, "echo secret > f")
			b.Spec.Linux.MaskedPaths = []string{"/f"}
			b.Spec.Process.Capabilities = &oci.LinuxCapabilities{
				Bounding: ownership, Permitted: ownership, Effective: ownership,
			}
			if c.user {
				b.Spec.Linux.Namespaces = append(b.Spec.Linux.Namespaces, oci.LinuxNamespace{Type: oci.UserNamespace})
				b.Spec.Linux.UIDMappings, b.Spec.Linux.GIDMappings = identity, identity
			}
			nodes := []string{"/dev/null", "/dev/full", "/dev/urandom"}
			before := make([]string, len(nodes))
			for i, n := range nodes {
				before[i] = attributes(t, n)
				t.Cleanup(func() { os.Chown(n, 0, 0); os.Chmod(n, 0o666) })
			}
			wantOutput(t, b, " 00 00\n")
			for i, n := range nodes {
				if now := attributes(t, n); now != before[i] {
					t.Errorf("the host's %s was %s and is %s", n, before[i], now)
				}
			}
		})
	}
}

var ownership = []string{"CAP_CHOWN", "CAP_FOWNER"}

// attributes are a node's mode and owner.
func attributes(t *testing.T, name string) string {
	t.Helper()
	info, err := os.Stat(name)
	must(t, err)
	st := info.Sys().(*syscall.Stat_t)
	return fmt.Sprintf("%v %d:%d", info.Mode(), st.Uid, st.Gid)
}
