package main

// execDefences are about processes that join a running container.
var execDefences = []defence{
	{
		row: "crun CVE-2026-30892", name: "the users and groups of a command line are numbers, to the last byte",
		file:  "cmd/keg/exec.go",
		old:   "\tn, err := strconv.ParseUint(v, 10, 32)\n\tif err != nil || n == math.MaxUint32 || v[0] == '+' {",
		new:   "\tn, err := strconv.ParseUint(strings.TrimRight(v, \"kx \"), 10, 32)\n\tif err != nil || n == math.MaxUint32 {",
		tests: []test{{pkg: "cmd/keg", run: "TestParseUserRefuses$", says: `"1000x"`}, {pkg: "test/exec", run: "TestBadFlags$", says: "want 255"}},
	},
	{
		row: "CVE-2022-24769, CVE-2022-29162, crun CVE-2022-27650, youki CVE-2025-27612", name: "exec --cap adds no inheritable capability",
		file:  "container/exec_process.go",
		old:   "\tsets.Permitted = slices.Concat(sets.Permitted, add)\n",
		new:   "\tsets.Permitted = slices.Concat(sets.Permitted, add)\n\tsets.Inheritable = slices.Concat(sets.Inheritable, add)\n",
		tests: []test{{pkg: "test/exec", run: "TestNoInheritableCapabilities$", says: "CapInh: 0000000000200000"}, {pkg: "test/exec", run: "TestCapabilities$", says: "inheritable"}},
	},
	{
		row: "CVE-2016-9962", name: "a process that joins holds nothing of keg's when it can be reached from inside",
		file: "plan/join.go",
		old:  "\tc.closeFrom(c.afterKept())\n",
		new:  "",
		tests: []test{
			{pkg: "plan", run: "TestJoinClosesWhatItNeeded$", says: "descriptors are open for too long"},
			{pkg: "test/exec", run: "TestJoinerHoldsLittle$", says: "it holds"},
		},
	},
	{
		row: "pids are used again", name: "exec joins the process that was recorded, and no other of its number",
		file:  "state/process.go",
		old:   "err == nil && p.Start == start",
		new:   "err == nil && p.Start > 0",
		tests: []test{{pkg: "test/exec", run: "TestPidUsedAgain$", says: "entered another process's namespaces"}},
	},
	{
		row: "runc #3223, crun #2243", name: "keg does not hang with a process that is frozen on its way",
		file:  "launch/patience.go",
		old:   "\tslice := patience\n\tif l.env.Waiting == nil {",
		new:   "\tslice := patience\n\tif true {",
		tests: []test{{pkg: "test/exec", run: "TestPausedOnTheWay$", says: "exec waits for a process that is frozen on its way"}},
	},
	{
		row: "runc #3223, crun #2243", name: "what is killed in a frozen v1 cgroup leaves the freezer, and so ends",
		file:  "launch/launch.go",
		old:   "\t\tl.env.Cgroup.LeaveFreezer(child.Pid)\n",
		new:   "",
		tests: []test{{pkg: "test/exec", run: "TestPausedOnTheWay$", says: "only after the thaw"}},
	},
}
