package unit

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/keg-project/keg/resources"
)

// Property is a property of a unit. The value's Go type is that of the property
// in D-Bus: uint64 for t, []uint32 for au, []Node for a(ss).
// org.freedesktop.systemd1(5)
type Property struct {
	Name  string
	Value any
}

// Properties are those of the scope with the process pid in it.
func (s *Scope) Properties(pid uint32, limits []Property) []Property {
	list := []Property{
		{"Description", s.Description},
		{"Slice", s.Slice},
		{"Delegate", true},             // the cgroups below are the container's
		{"DefaultDependencies", false}, // it is stopped by who started it, and not before
		{"CollectMode", "inactive-or-failed"},
		{"PIDs", []uint32{pid}},
	}
	// What is not limited is counted.
	for _, name := range []string{"MemoryAccounting", "CPUAccounting", "TasksAccounting", "IOAccounting"} {
		list = append(list, Property{name, true})
	}
	return merge(append(list, limits...), s.Asked)
}

// merge: a property that is set twice is set as it was last.
func merge(list, last []Property) []Property {
	for _, p := range last {
		found := false
		for i := range list {
			if list[i].Name == p.Name {
				list[i], found = p, true
			}
		}
		if !found {
			list = append(list, p)
		}
	}
	return list
}

// limitTable says which property holds what a file of a cgroup holds. systemd
// writes its own idea of a unit's limits whenever it is reloaded, so it has to
// know of them; what it does not know, it leaves alone.
var limitTable = [...]struct {
	file, property string
	value          func(string) (any, bool)
}{
	{"memory.max", "MemoryMax", limit},
	{"memory.high", "MemoryHigh", limit},
	{"memory.low", "MemoryLow", limit},
	{"memory.min", "MemoryMin", limit},
	{"memory.swap.max", "MemorySwapMax", limit},
	{"pids.max", "TasksMax", limit}, // on v1 as well
	{"cpu.weight", "CPUWeight", limit},
	{"cpu.idle", "CPUWeight", idle},
	{"cpuset.cpus", "AllowedCPUs", bitmap},
	{"cpuset.mems", "AllowedMemoryNodes", bitmap},
	{"io.weight", "IOWeight", defaultWeight},
	{"io.bfq.weight", "IOWeight", bfqWeight},

	{"memory.limit_in_bytes", "MemoryLimit", limit},
	{"cpu.shares", "CPUShares", limit},
	{"blkio.bfq.weight", "BlockIOWeight", limit},
}

// Limits are the properties for limits that keg writes into the cgroup, too:
// systemd's are coarser, and not all files have one.
func Limits(writes []resources.Write, f resources.Facts) []Property {
	var list []Property
	for _, w := range writes {
		for _, row := range limitTable {
			if row.file != w.File || w.Controller == "cpuset" && slices.Contains(f.V1, "cpuset") {
				continue // on v1 the files have the same names, and systemd no cpuset
			}
			if v, ok := row.value(w.Value); ok {
				list = merge(list, []Property{{row.property, v}})
			}
		}
	}
	return merge(list, quota(writes))
}

// limit is a number, or none.
func limit(text string) (any, bool) {
	if text == "max" || text == "-1" {
		return uint64(math.MaxUint64), true
	}
	n, err := strconv.ParseUint(text, 10, 64)
	return n, err == nil
}

// idle is what systemd calls a weight of 0.
func idle(text string) (any, bool) { return uint64(0), text == "1" }

// defaultWeight reads "default 100" and "100"; a line for one device is none.
func defaultWeight(text string) (any, bool) {
	return limit(strings.TrimPrefix(text, "default "))
}

// bfqWeight goes to 1000, where systemd's weight goes to 10000: it converts
// that by the same rule.
func bfqWeight(text string) (any, bool) {
	v, ok := defaultWeight(text)
	if n, _ := v.(uint64); n > 100 {
		return 100 + (n-100)*11, ok
	}
	return v, ok
}
