package peers

import (
	"path"
	"slices"
	"strings"
	"testing"
)

// difference is a row of the table of what keg does otherwise, and means to.
type difference struct {
	peer    string // runc or crun
	world   string // v1 or v2; "": both
	file    string // in path.Match's words
	configs string // as file, several with "; " between; "": all
	keg     string // what it does, for the document
	theirs  string
	why     string
}

var differences = []difference{
	{"crun", "", created, "memory limit 0", "no limit", "a limit of 0 bytes, which kills its own init", zero},
	{"crun", "", created, "cri-o, huge pages of every size", "no memory limit", "as above", zero},
	{"crun", "", created, "memory and swap 0", "no limit on swap", "refused: swap below the memory limit", zero},
	{"crun", "v2", created, "kernel memory", "ignored, with a warning", "refused", "Linux has no such limit since 5.16, and the specification allows to ignore it"},
	{"runc", "v1", "memory.kmem.tcp.limit_in_bytes", "kernel tcp memory", "set", "ignored", "v1 still has it"},
	{"runc", "v2", created, "kernel tcp memory", "refused", "ignored", silent},
	{"runc", "v2", created, "swappiness*", "refused", "ignored", silent},
	{"runc", "v2", created, "oom killer off", "refused", "ignored", silent},
	{"crun", "v2", created, "useHierarchy", "true is how it is anyway", "refused", "true asks for what v2 does"},

	{"runc", "", created, "cpu shares 1", "the least that there is", "refused", "v1's kernel does so; the number is for a weight, and 1 is a valid one in the specification"},
	{"crun", "v2", created, "cpu shares 1", "the least that there is", "refused", "as above"},
	{"runc", "v2", "cpu.weight*", "cpu shares *", "1024 becomes 100", "1024 becomes 39", formula},
	{"crun", "v2", "cpu.weight*", "cpu shares *", "1024 becomes 100", "1024 becomes 39", formula},
	{"runc", "v2", "cpu.weight*", "kubernetes*", "512 becomes 59", "512 becomes 20", formula},
	{"crun", "v2", "cpu.weight*", "kubernetes*", "512 becomes 59", "512 becomes 20", formula},
	{"runc", "v2", "cpu.weight*", "cri-o*", "256 becomes 35", "256 becomes 10", formula},
	{"crun", "v1", created, "cpu quota -1", "no quota", "refused", "-1 is how both the specification and the kernel write that there is none"},
	{"runc", "v1", "cpu.cfs_burst_us", "cpu burst", "set", "ignored", older},
	{"crun", "v1", "cpu.cfs_burst_us", "cpu burst", "set", "ignored", older},
	{"runc", "v2", "cpu.max.burst", "cpu burst", "set", "ignored", older},
	{"crun", "v2", "cpu.max.burst", "cpu burst", "set", "ignored", older},
	{"runc", "", "cpu.idle", "cpu idle*", "set", "ignored", older},
	{"runc", "v1", "cpu.shares", "cpu idle*", "that of what is idle", "the one asked for", "it follows from cpu.idle"},
	{"runc", "v2", "cpu.weight*", "cpu idle*", "that of what is idle", "the one asked for", "it follows from cpu.idle"},
	{"runc", "v2", created, "cpu realtime", "refused", "ignored", silent},

	{"crun", "v1", created, "pids -1", "no limit", "refused", "-1 is how the specification writes that there is none"},

	{"crun", "v1", created, "io weight*", "BFQ's weight", "refused: blkio.weight", "blkio.weight went with Linux 5.0; BFQ's is blkio.bfq.weight"},
	{"runc", "v2", created, "io weight of a disk", "refused where the disk's scheduler has none", "ignored", silent},
	{"runc", "v2", "hugetlb.2MB.rsvd.max", "*huge pages*", "limited too", "no limit", "what is reserved and not limited is a SIGBUS later; the specification asks for it"},
	{"crun", "v2", "hugetlb.2MB.rsvd.max", "huge pages*", "limited too", "no limit", "as above"},
	{"runc", "v1", created, "*huge pages*", "in the unified hierarchy, if that has the controller", "refused", "runc looks for it among v1's alone"},
	{"crun", "v1", created, "huge pages*", "as above", "refused", "as above"},
	{"crun", "", created, "rdma of no such device", "refused", "ignored", silent},
	{"runc", "v2", created, "network *", "refused", "ignored", silent},
	{"crun", "v1", created, "kubernetes, guaranteed", "refused: v2's files", "ignored", silent},

	{"runc", "", "device c 5:1", "", "all", "to make", "/dev/console is among the devices that a container has"},
	{"runc", "", "device c 10:200", "devices: one to read", "as the rule says", "all", "the rule is the last word"},
	{"crun", "", "device c 10:200", "", "all", "to make", "programs for tunnels, as with runc"},
	{"runc", "", "device c 1:8", "devices: all but one", "as the rule says", "all", "the rule is the last word"},
	{"crun", "", "device c 1:8", "devices: all but one", "as the rule says", "all", "the rule is the last word"},
	{"crun", "", "device *", norules, "those that a container has, and to make any", "all", "no rule is no permission, as with runc"},

	{"crun", "v2", "cgroup.controllers", "", "every controller that there is", "without rdma and misc", "what is asked for later, by update or by a program inside, would be missing"},
	{"crun", "v2", "rdma.max", "", "empty", "no such file", "follows from the controllers"},
	{"crun", "v2", "misc.max", "", "empty", "no such file", "follows from the controllers"},
}

// norules are the configurations without any for devices.
const norules = "nothing; memory *; swap*; oom *; kernel *; checkBeforeUpdate; useHierarchy; cpu*; pids *; io *; huge *; unified *; linuxkit *; keg *"

// Reasons that several rows have.
const (
	zero    = "engines write 0 where they were asked for nothing"
	silent  = "a limit that is silently missing is a hole"
	older   = "runc 1.1 and crun 1.8 do not know the field yet"
	formula = "the default of v1 is that of v2, and both ends meet, as in runc and crun since 2025"
)

func world() string {
	if unified() {
		return "v2"
	}
	return "v1"
}

// find is the row of a difference, or -1.
func find(peer, config, file string) int {
	for i, d := range differences {
		if d.peer == peer && d.here() && match(d.file, file) && (d.configs == "" || anyOf(d.configs, config)) {
			return i
		}
	}
	return -1
}

func (d difference) here() bool { return d.world == "" || d.world == world() }

func anyOf(patterns, name string) bool {
	return slices.ContainsFunc(strings.Split(patterns, "; "), func(p string) bool { return match(p, name) })
}

func match(pattern, name string) bool {
	ok, _ := path.Match(pattern, name)
	return ok
}

// needed reports rows that no container has shown.
func needed(t *testing.T, used map[int]bool) {
	t.Helper()
	for i, d := range differences {
		if d.here() && !used[i] {
			t.Errorf("no such difference any more: %s %s %s", d.peer, d.file, d.configs)
		}
	}
}
