package criu

import (
	"os"
	"strconv"
	"strings"
)

// RootsOf are the cgroups that a process is in, controller by controller. Images name
// those of the container when it was saved: a restore has CRIU make them below CRIU's
// own, which are the container's now. proc_pid_cgroup(5)
func RootsOf(pid int) ([]CgroupRoot, error) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cgroup")
	if err != nil {
		return nil, err
	}
	var roots []CgroupRoot
	for line := range strings.Lines(string(text)) {
		fields := strings.SplitN(strings.TrimSuffix(line, "\n"), ":", 3)
		if len(fields) < 3 {
			continue
		}
		for controller := range strings.SplitSeq(fields[1], ",") {
			roots = append(roots, CgroupRoot{controller, fields[2]})
		}
	}
	return roots, nil
}
