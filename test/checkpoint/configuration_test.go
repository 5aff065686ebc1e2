package checkpoint

import (
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// A cgroup namespace is made anew, with the container's own cgroup as its root.
func TestCgroupNamespace(t *testing.T) {
	needCRIU(t)
	b := newBox(t, func(s *oci.Spec) {
		s.Linux.Namespaces = append(s.Linux.Namespaces, oci.LinuxNamespace{Type: oci.CgroupNamespace})
	})
	b.run()
	cgroup := b.do(1, "cat /proc/self/cgroup")
	b.save(b.images("x"))
	b.restore(b.images("x"))
	if got := b.do(2, "cat /proc/self/cgroup"); got != cgroup {
		t.Errorf("the cgroup is %q, and was %q", got, cgroup)
	}
}
