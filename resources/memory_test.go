package resources

import "testing"

func TestMemory(t *testing.T) {
	const needs = "error memory.swap: memory and swap together can be limited only if memory.limit is too"
	check(t, []row{
		{`"memory": {"limit": 4096}`, "memory.limit_in_bytes=4096", "memory.max=4096"},
		{`"memory": {"limit": -1}`,
			"memory.limit_in_bytes=-1?\nmemory.memsw.limit_in_bytes=-1?", "memory.max=max?\nmemory.swap.max=max?"},
		{`"memory": {"limit": 4096, "checkBeforeUpdate": true}`,
			"memory.limit_in_bytes=4096", "memory.max=4096 not below memory.current"},
		{`"memory": {"limit": 4096, "checkBeforeUpdate": false}`, "memory.limit_in_bytes=4096", "memory.max=4096"},

		{`"memory": {"limit": 4096, "swap": 12288}`,
			"memory.limit_in_bytes=4096\nmemory.memsw.limit_in_bytes=12288", "memory.max=4096\nmemory.swap.max=8192"},
		{`"memory": {"limit": 4096, "swap": 4096}`,
			"memory.limit_in_bytes=4096\nmemory.memsw.limit_in_bytes=4096", "memory.max=4096\nmemory.swap.max=0"},
		{`"memory": {"limit": 4096, "swap": -1}`,
			"memory.limit_in_bytes=4096\nmemory.memsw.limit_in_bytes=-1?", "memory.max=4096\nmemory.swap.max=max?"},
		{`"memory": {"swap": -1}`, "memory.memsw.limit_in_bytes=-1?", "memory.swap.max=max?"},
		{`"memory": {"swap": 4096}`, needs, needs},
		{`"memory": {"limit": -1, "swap": 4096}`, "memory.limit_in_bytes=-1?\n" + needs, "memory.max=max?\n" + needs},

		{`"memory": {"reservation": 4096}`, "memory.soft_limit_in_bytes=4096", "memory.low=4096"},
		{`"memory": {"reservation": -1}`, "memory.soft_limit_in_bytes=-1", "memory.low=max"},
		{`"memory": {"kernel": 4096}`,
			"warning memory.kernel: ignored: kernels have no such limit any more",
			"warning memory.kernel: ignored: kernels have no such limit any more"},
		{`"memory": {"kernel": -1}`, "", ""},
		{`"memory": {"kernelTCP": 4096}`, "memory.kmem.tcp.limit_in_bytes=4096", "error memory.kernelTCP: cgroup v2 has nothing like it; leave it out"},
		{`"memory": {"kernelTCP": -1}`, "memory.kmem.tcp.limit_in_bytes=-1?", ""},
		{`"memory": {"swappiness": 0}`, "memory.swappiness=0", "error memory.swappiness: cgroup v2 has nothing like it; leave it out"},
		{`"memory": {"disableOOMKiller": true}`, "memory.oom_control=1", "error memory.disableOOMKiller: cgroup v2 has nothing like it; leave it out"},
		{`"memory": {"disableOOMKiller": false}`, "memory.oom_control=0?", ""},
		{`"memory": {"useHierarchy": false}`,
			"error memory.useHierarchy: false is not possible: since Linux 5.11 every cgroup counts with those below it",
			"error memory.useHierarchy: false is not possible: since Linux 5.11 every cgroup counts with those below it"},
	})
}
