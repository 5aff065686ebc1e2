package main

// lifeDefences are against what hangs, or is left behind.
var lifeDefences = []defence{
	{
		row: "runc #4534", name: "the state is written before anything is made that outlives keg",
		file:  "container/create.go",
		old:   "\treturn stateError(m.dir.Write(m.state))\n}\n\n// stateError",
		new:   "\treturn nil\n}\n\n// stateError",
		tests: []test{{pkg: "test/leftovers", run: "TestKilledBeforeInit$", says: "left: cgroup"}},
	},
	{
		row: "runc #4534", name: "delete -f removes what has no state yet",
		file:  "container/delete.go",
		old:   "if errors.Is(err, state.ErrNotExist) && force {",
		new:   "if errors.Is(err, state.ErrNotExist) && !force {",
		tests: []test{{pkg: "test/leftovers", run: "TestHalfMade$", says: "left in the state root"}},
	},
	{
		row: "runc #3223, crun #2243", name: "a frozen cgroup is refused by name",
		file:  "cgroup/create.go",
		old:   "\tif frozen {\n",
		new:   "\tif frozen && false {\n",
		tests: []test{{pkg: "cgroup", run: "TestCreateRefusesFrozen$", says: "error <nil>"}},
	},
	{
		row: "crun #868", name: "the wait for a cgroup's processes is bounded",
		file:  "cgroup/wait.go",
		old:   "if time.Now().After(w.deadline) {",
		new:   "if time.Now().After(w.deadline.Add(time.Hour)) {",
		tests: []test{{pkg: "cgroup", run: "TestRemoveNamesHolder$", says: "TestRemoveNamesHolder", hang: true}},
	},
	{
		row: "crun #868", name: "the processes that hold a cgroup are named",
		file:  "cgroup/remove.go",
		old:   "len(pids) > 0 {\n\t\treturn &os.PathError{Op: \"rmdir\"",
		new:   "len(pids) > 1000 {\n\t\treturn &os.PathError{Op: \"rmdir\"",
		tests: []test{{pkg: "cgroup", run: "TestRemoveNamesHolder$", says: "device or resource busy"}},
	},
	{
		row: "containerd #11087", name: "delete ends what is still in the cgroup, and removes it",
		file:  "container/delete.go",
		old:   "\tif !errors.Is(err, cgroup.ErrNotEmpty) {\n\t\treturn err\n\t}\n",
		new:   "\tif err == nil || errors.Is(err, cgroup.ErrNotEmpty) {\n\t\treturn nil\n\t}\n",
		tests: []test{{pkg: "test/leftovers", run: "TestNoPidNamespace$", says: "left a cgroup behind"}},
	},
	{
		row: "cgroups that a container may write", name: "keg opens few files, however deep the container's cgroups lie",
		file:  "cgroup/walk.go",
		old:   "w.close()\n\tw.fd = sub",
		new:   "w.fd = sub",
		tests: []test{{pkg: "cgroup", run: "TestRemoveDeep$", says: "too many open files"}},
	},
	{
		row: "cgroups that a container may write", name: "a sub-cgroup with the name of a file is none",
		file:  "linux/cgroupfs.go",
		old:   "case err == unix.EISDIR:",
		new:   "case err == unix.ENOTDIR:",
		tests: []test{{pkg: "cgroup", run: "TestStatsOfHostileNames$", says: "is a directory"}},
	},
	{
		row: "cgroups that a container may write", name: "an init that is frozen again and again ends",
		file:  "container/kill.go",
		old:   "err = cg.Kill()\n\t}\n\treturn errors.Join(err, linux.PidfdWait",
		new:   "_ = cg\n\t}\n\treturn errors.Join(err, linux.PidfdWait",
		tests: []test{{pkg: "test/delegation", run: "TestDeleteFrozenAgain$", says: "i/o timeout"}},
	},
	{
		row: "a cgroup that is another's by now", name: "delete and kill --all end no other container's processes",
		file:  "container/another.go",
		old:   "err != nil || !ownPidNamespace(config)",
		new:   "err != nil || ownPidNamespace(config)",
		tests: []test{{pkg: "test/delegation", run: "TestDeleteSparesAnother$", says: "no \"another container's processes\""}},
	},
}
