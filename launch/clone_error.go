package launch

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/plan"
	"github.com/keg-project/keg/program"
)

// cloneError explains why there is no first process.
func (l *launching) cloneError(err error, intoCgroup bool) error {
	p := l.plan
	// EACCES may also be the execve's: a memfd allows it, a file may not.
	noexec := errors.Is(err, syscall.EACCES) && linux.MountedNoexec(l.env.Dir)
	if intoCgroup && errors.Is(err, syscall.ENOMEM) && l.limitsMemory() {
		return fieldError(memoryField, fmt.Errorf("clone %s in its cgroup: %w (hint: it needs more memory)", cloned(p), err))
	}
	if hint := cgroupHint(err); intoCgroup && hint != "" && !noexec {
		return fieldError(cgroupField, fmt.Errorf("clone %s in its cgroup: %w (hint: %s)", cloned(p), err, hint))
	}
	if hint := cloneHint(p, err); hint != "" {
		err = fmt.Errorf("%w (hint: %s)", err, hint)
	}
	err = fmt.Errorf("clone %s%s: %w", cloned(p), cloneFlagNames(p), err)
	if p.Joins {
		return err
	}
	return fieldError("linux.namespaces", err)
}

const memoryField = "linux.resources.memory.limit"

func (l *launching) limitsMemory() bool {
	for _, w := range l.plan.Limits {
		if w.Field == memoryField {
			return true
		}
	}
	return false
}

func cloned(p *plan.Plan) string {
	if p.Joins {
		return "the process that joins the container"
	}
	return "the first process"
}

// cgroupHint is about the errnos of CLONE_INTO_CGROUP. clone(2)
func cgroupHint(err error) string {
	switch {
	case errors.Is(err, syscall.EBUSY):
		return "controllers are enabled for its sub-cgroups, so it takes no process itself: --cgroup names one that does"
	case errors.Is(err, syscall.ENODEV), errors.Is(err, syscall.ENOENT):
		return "the cgroup was removed"
	case errors.Is(err, syscall.EOPNOTSUPP):
		return "its cgroup.type is \"domain invalid\""
	case errors.Is(err, syscall.EACCES):
		return "keg's user must be able to write cgroup.procs of the cgroup, and of the one that keg's own and it are both below"
	}
	return ""
}

func cloneHint(p *plan.Plan, err error) string {
	user := p.CloneFlags&linux.CLONE_NEWUSER != 0
	switch {
	case errors.Is(err, syscall.EPERM) && user:
		return "user namespaces are forbidden here: see kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns"
	case errors.Is(err, syscall.EPERM):
		return "an ordinary user needs a user namespace: `keg spec --rootless` shows how"
	case errors.Is(err, syscall.EACCES):
		return "vm.memfd_noexec=2 forbids executable memfds and the state directory is mounted noexec: sysctl vm.memfd_noexec=1, or another --root"
	case errors.Is(err, syscall.ENOSPC):
		return "a limit on namespaces is reached: see /proc/sys/user/max_*_namespaces"
	case errors.Is(err, syscall.EINVAL):
		return "this kernel lacks one of these namespaces"
	case errors.Is(err, syscall.EAGAIN):
		return plan.HintProcess
	}
	return ""
}

func cloneFlagNames(p *plan.Plan) string {
	if p.CloneFlags == 0 {
		return ""
	}
	return " with " + program.CloneFlags.Decode(p.CloneFlags)
}

func hintedInvalid(err error) error {
	if !errors.Is(err, syscall.EINVAL) {
		return err
	}
	return fmt.Errorf("%w (hint: %s)", err, plan.HintAffinity)
}
