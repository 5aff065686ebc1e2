package resources

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// Facts are what the machine has. A controller is in one hierarchy at most.
type Facts struct {
	V1      []string         // controllers of the v1 hierarchies
	V2      []string         // controllers that the cgroup can have in the unified hierarchy
	Unified bool             // it is the only one
	Kept    map[string]error // controllers that the kernel has, and why the cgroup cannot

	HugePages []string // sizes that the machine has, as in files' names: "2MB"; filled in where limits for them are asked for
}

// Write is one value for one file of a cgroup.
type Write struct {
	Field      string // of the configuration: "linux.resources.memory.limit"
	Controller string // whose hierarchy the file is in: "memory"; "" for the unified one's own files
	File       string // "memory.max"
	Value      string
	Optional   bool // what a new cgroup does without it, or where there is no such file
	Either     bool // of such writes of a field, the kernel has to take one or more

	// Of an update, where the cgroup is in use:
	NotBelow string // a file: a Value below its number is refused
	Keep     bool   // the file's first word stays: in cpu.max a new period leaves the quota
	Reset    string // of a file of lines: what takes this line away; its first word tells which it is
}

// Limits are a configuration's resources in the order in which they are to be
// written.
type Limits struct {
	Writes   []Write
	Warnings []string
}

// Compile returns the limits; its error names every field that the machine
// cannot carry out. r may be nil.
func Compile(r *oci.LinuxResources, f Facts) (Limits, error) {
	c := compiler{facts: f}
	if r != nil {
		c.memory(r.Memory)
		c.cpu(r.CPU)
		c.pids(r.Pids)
		c.blockIO(r.BlockIO)
		c.hugepages(r.HugepageLimits)
		c.network(r.Network)
		c.rdma(r.Rdma)
		c.unified(r.Unified) // last: what it says is what stays
	}
	return c.limits, errors.Join(c.errs...)
}

type compiler struct {
	facts  Facts
	limits Limits
	errs   []error
}

// at is where a controller is: 1, 2, or 0 for nowhere.
func (c *compiler) at(controller string) int {
	switch {
	case slices.Contains(c.facts.V2, controller):
		return 2
	case slices.Contains(c.facts.V1, controller):
		return 1
	}
	return 0
}

// version is where a controller is: 1 or 2; 0 is an error that names the field.
func (c *compiler) version(field, controller string) int {
	v := c.at(controller)
	if why := c.facts.Kept[controller]; v == 0 && why != nil {
		c.fail(field, "the cgroup cannot have the controller %s: %w", controller, why)
	} else if v == 0 {
		c.fail(field, "the controller %s is not available here", controller)
	}
	return v
}

// set writes a value in the dialect that its controller speaks. A dialect that
// has no file for it is an error that names the field, as config-linux.md#unified
// demands; but not of what is Optional, which holds without.
func (c *compiler) set(field, controller string, v1, v2 Write) {
	w := v1
	switch v := c.at(controller); {
	case v == 0 && v1.Optional:
		return
	case v == 0:
		c.version(field, controller)
		return
	case v == 2:
		w = v2
	}
	if w.File != "" {
		w.Field, w.Controller = field, controller
		c.add(w)
	} else if !w.Optional {
		c.fail(field, "cgroup v2 has nothing like it; leave it out")
	}
}

func (c *compiler) write(field, controller, file, value string) {
	c.add(Write{Field: field, Controller: controller, File: file, Value: value})
}

func (c *compiler) add(w Write) { c.limits.Writes = append(c.limits.Writes, w) }

func (c *compiler) fail(field, format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf("%s: "+format, append([]any{field}, args...)...))
}

func (c *compiler) warn(field, text string) {
	c.limits.Warnings = append(c.limits.Warnings, field+": "+text)
}

func index(field string, i int) string { return field + "[" + strconv.Itoa(i) + "]" }

func key(field, name string) string { return field + "[" + strconv.Quote(name) + "]" }

// value is what a field says; the zero value where it says nothing.
func value[T any](v *T) (zero T) {
	if v == nil {
		return zero
	}
	return *v
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

// orMax is v2's way to write a number of which -1 is unlimited.
func orMax(n int64) string {
	if n < 0 {
		return "max"
	}
	return number(n)
}
