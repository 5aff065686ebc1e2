package container

import (
	"fmt"
	"strconv"
	"strings"
	"syscall"

	"github.com/keg-project/keg/cgroup"
	"github.com/keg-project/keg/linux"
)

// namespaceFiles are those in /proc/PID/ns that a process is in itself.
var namespaceFiles = [...]struct {
	name string
	kind uint64
}{
	{"user", linux.CLONE_NEWUSER}, {"mnt", linux.CLONE_NEWNS}, {"pid", linux.CLONE_NEWPID}, {"net", linux.CLONE_NEWNET},
	{"ipc", linux.CLONE_NEWIPC}, {"uts", linux.CLONE_NEWUTS}, {"cgroup", linux.CLONE_NEWCGROUP}, {"time", linux.CLONE_NEWTIME},
}

// foreignNamespaces are those of a process that the caller is not in. To join
// one's own user namespace is an error. setns(2), EINVAL
func foreignNamespaces(pid int) (types uint64, err error) {
	theirs := "/proc/" + strconv.Itoa(pid) + "/ns/"
	for _, ns := range namespaceFiles {
		same, err := linux.SameFile(theirs+ns.name, "/proc/self/ns/"+ns.name)
		if err != nil {
			return 0, err
		}
		if !same {
			types |= ns.kind
		}
	}
	return types, nil
}

// findCgroup chooses the cgroup of a process that joins, and returns the
// container's own. Both are nil where the container has none.
func (j *joining) findCgroup(asked []string) (own *cgroup.Cgroup, err error) {
	if len(j.state.Cgroups) == 0 {
		if len(asked) > 0 {
			return nil, fmt.Errorf("--cgroup: container %q has no cgroup", j.id)
		}
		return nil, nil
	}
	if own, err = cgroupOf(j.state); err != nil {
		return nil, err
	}
	if len(asked) == 0 {
		j.cgroup, err = own.Of(j.state.Pid)
		return own, err
	}
	j.cgroup = own
	for _, a := range asked {
		if j.cgroup, err = subCgroup(own, j.cgroup, a); err != nil {
			return nil, fmt.Errorf("--cgroup %s: %w", a, err)
		}
	}
	return own, nil
}

// subCgroup reads "[CONTROLLER[,…]:]PATH" and moves cg, which others asked for
// have led to from own, there.
func subCgroup(own, cg *cgroup.Cgroup, asked string) (*cgroup.Cgroup, error) {
	controllers, path, ok := strings.Cut(asked, ":")
	if !ok {
		controllers, path = "", asked
	}
	for controller := range strings.SplitSeq(controllers, ",") {
		var err error
		if cg, err = own.Sub(cg, controller, path); err != nil {
			return nil, err
		}
	}
	for _, d := range cg.Dirs() {
		var st syscall.Stat_t
		if err := syscall.Lstat(d.Name(), &st); err != nil {
			return nil, fmt.Errorf("%s: %w", d.Name(), err)
		}
	}
	return cg, nil
}
