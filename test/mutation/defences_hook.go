package main

// hookDefences are against hooks that see too much, or stay.
var hookDefences = []defence{
	{
		row: "CVE-2024-21626", name: "a hook gets three descriptors, whatever keg's caller has left open",
		file:  "hooks/here.go",
		old:   "linux.CloseOnExecFrom(3)",
		new:   "linux.CloseOnExecFrom(1 << 20)",
		tests: []test{{pkg: "test/hooks", run: "TestDescriptors$", says: "prestart.fds"}},
	},
	{
		row: "hooks", name: "a startContainer hook has the process's credentials",
		file:  "container/hooks_enter.go",
		old:   "Plain: place == plan.InSetup",
		new:   "Plain: true",
		tests: []test{{pkg: "test/hooks", run: "TestStartContainerIs$", says: "seen: "}},
	},
	{
		row: "hooks", name: "while hooks run the root does not show on the host",
		file:  "plan/hooks.go",
		old:   "\t\tif c.keepsShared() {\n",
		new:   "\t\tif c.keepsShared() && false {\n",
		tests: []test{{pkg: "test/hooks", run: "TestRootDoesNotShow$", says: "take the root back"}},
	},
	{
		row: "hooks", name: "the file that hooks print to stays its owner's",
		file:  "plan/streams.go",
		old:   "if c.isHook() {",
		new:   "if c.isHook() && false {",
		tests: []test{{pkg: "test/hooks", run: "TestOutputOwner$", says: "owner 1000"}},
	},
	{
		row: "hooks", name: "a hook ends with the keg that watches it",
		file:  "hooks/here.go",
		old:   "Pdeathsig: syscall.SIGKILL, ",
		new:   "",
		tests: []test{{pkg: "test/hooks", run: "TestKilledInHook/prestart_create$", says: "left: "}},
	},
	{
		row: "hooks", name: "a time limit ends all of a hook's session",
		file:  "hooks/kill.go",
		old:   "if !killMembers(p.Pid) {",
		new:   "if true {",
		tests: []test{{pkg: "hooks", run: "TestTimeout/group$", says: "left: "}},
	},
}
