package resources

import (
	"maps"
	"slices"
	"strings"
)

// unified: runtime-spec config-linux.md#unified: names of v2's files, and what
// is written to them. The kernel takes one line a write.
func (c *compiler) unified(files map[string]string) {
	if len(files) > 0 && !c.facts.Unified {
		c.fail("linux.resources.unified", "these are files of cgroup v2, and this machine has v1")
		return
	}
	for _, file := range slices.Sorted(maps.Keys(files)) {
		field := key("linux.resources.unified", file)
		controller, ok := c.unifiedController(field, file)
		if !ok {
			continue
		}
		for _, line := range linesOf(files[file]) {
			c.add(Write{Field: field, Controller: controller, File: file, Value: line, Reset: resetOf(file, line)})
		}
	}
}

func (c *compiler) unifiedController(field, file string) (controller string, ok bool) {
	controller, _, _ = strings.Cut(file, ".")
	if controller != "cgroup" {
		return controller, c.version(field, controller) == 2
	}
	if what := reserved(file); what != "" {
		c.fail(field, "refused: it is for keg to decide %s", what)
		return "", false
	}
	return "", true // a file of every cgroup
}

// reserved are files that move processes, stop them, or change what cgroups
// below can be.
func reserved(file string) string {
	switch file {
	case "cgroup.procs", "cgroup.threads":
		return "what is in the cgroup"
	case "cgroup.freeze":
		return "whether the container is paused"
	case "cgroup.kill":
		return "when the container is killed"
	case "cgroup.subtree_control":
		return "which controllers cgroups below have"
	case "cgroup.type":
		return "of what type the cgroup is"
	}
	return ""
}

// resetOf is what takes a line away again, of files that have one a device.
func resetOf(file, line string) string {
	device, _, ok := strings.Cut(line, " ")
	switch {
	case file == "io.max" && ok:
		return device + " rbps=max wbps=max riops=max wiops=max"
	case file == "io.latency" && ok:
		return device + " target=0"
	case file == "rdma.max" && ok:
		return device + " hca_handle=max hca_object=max"
	case file == "misc.max" && ok:
		return device + " max"
	case file == "io.weight", file == "io.bfq.weight":
		if !ok || device == "default" {
			return "default 100"
		}
		return device + " default"
	}
	return ""
}

// linesOf: an empty value is one too, such as cpuset.cpus has it; as a write of
// no bytes it would not reach the kernel.
func linesOf(value string) []string {
	var lines []string
	for line := range strings.SplitSeq(value, "\n") {
		if line != "" {
			lines = append(lines, line)
		}
	}
	if lines == nil {
		return []string{"\n"}
	}
	return lines
}
