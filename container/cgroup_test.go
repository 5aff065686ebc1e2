package container

import (
	"fmt"
	"strings"
	"syscall"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/cgroup"
	"github.com/keg-project/keg/plan"
)

// What helps against a lack of permission does not help where cgroups are
// mounted read-only, as in most containers.
func TestHintWhereNoCgroupCanBeMade(t *testing.T) {
	for errno, hint := range map[syscall.Errno]string{syscall.EACCES: "systemd-run", syscall.EROFS: "without ro"} {
		m := &making{compiled: &compiled{plan: &plan.Plan{}, spec: &specs.Spec{Linux: &specs.Linux{CgroupsPath: "/x"}}}}
		err := m.withoutCgroup(fmt.Errorf("%w: %w", cgroup.ErrNoPermission, errno))
		if err == nil || !strings.HasPrefix(err.Error(), "linux.cgroupsPath: ") || !strings.Contains(err.Error(), hint) {
			t.Errorf("%v, want %q", err, hint)
		}
	}
}
