package main

// processDefences keep a container from the process that sets it up, and the
// container's program from what that process had.
var processDefences = []defence{
	{
		row: "CVE-2016-9962", name: "the init cannot be traced from before it joins anything until execve",
		file: "plan/namespaces.go",
		old:  "c.call(program.Prctl, program.N(linux.PR_SET_DUMPABLE), program.N(n))",
		new:  "c.call(program.Prctl, program.N(linux.PR_SET_DUMPABLE), program.N(n|1))",
		tests: []test{
			{pkg: "test/run", run: "TestJoinedInitCannotBeTraced$", says: "the init that joins can be looked at"},
			{pkg: "test/run", run: "TestCreatedInit$", says: "its own user sees"},
			{pkg: "test/exec", run: "TestJoinerCannotBeTraced$", says: "the process that joins can be looked at"},
		},
	},
	{
		row: "CVE-2016-9962", name: "what keg's caller had open is closed before anything is joined",
		file: "plan/compile.go",
		old:  "\t(*compiler).closeStrays,\n", new: "",
		tests: []test{{pkg: "test/run", run: "TestInitHoldsNoStrays$", says: "the init holds"}},
	},
	{
		row: "CVE-2016-9962", name: "an init that waits holds its streams and two FIFOs",
		file: "plan/handshake.go",
		old:  "\t\tc.closeFrom(rest + 1)\n", new: "",
		tests: []test{{pkg: "test/run", run: "TestCreatedInitHoldsLittle$", says: "a created init holds"}},
	},
	{
		row: "CVE-2019-5736, CVE-2026-31431", name: "the first process is a sealed memfd",
		file: "linux/memfd.go",
		old:  "unix.F_SEAL_GROW | unix.F_SEAL_WRITE", new: "unix.F_SEAL_GROW",
		tests: []test{
			{pkg: "test/run", run: "TestCreatedInit$", says: "seals"},
			{pkg: "initvm", run: "TestSealedMemfd$", says: "a sealed memfd was written"},
		},
	},
	{
		row: "CVE-2019-5736, CVE-2026-31431", name: "the first process is no file that has a name",
		file: "launch/image.go",
		old:  "f, err := linux.SealedMemfd(\"init\", image)", new: "f, err := (*os.File)(nil), error(syscall.EACCES); _ = linux.SealedMemfd",
		tests: []test{{pkg: "test/run", run: "TestCreatedInit$", says: "exe is"}},
	},
	{
		row: "CVE-2024-21626", name: "the program inherits no descriptor of keg's",
		file: "plan/handshake.go",
		old:  "c.call(program.CloseRange, program.N(c.firstOwn()),", new: "c.call(program.CloseRange, program.N(5000),",
		tests: []test{
			{pkg: "test/run", run: "TestDescriptorsAreNotInherited$", says: `"0 1 2 3 4 "`},
		},
	},
	{
		row: "CVE-2024-21626", name: "the working directory lies inside the root",
		file: "plan/root.go",
		old:  "first.Want = program.Want{Mask: 0xff, Value: '/', Name: \"'/'\"}", new: "",
		tests: []test{
			{pkg: "test/run", run: "TestWorkingDirectorySwapped$", says: "the container starts outside of its root"},
			{pkg: "test/exec", run: "TestWorkingDirectoryOutside$", says: "outside of the root"},
		},
	},
	{
		row: "CVE-2022-24769, CVE-2022-29162, crun CVE-2022-27650, youki CVE-2025-27612", name: "inheritable capabilities are those of the configuration, else none",
		file: "plan/credentials.go",
		old:  "uint32(s.inheritable>>shift)", new: "uint32(s.permitted>>shift)",
		tests: []test{
			{pkg: "test/run", run: "TestCapabilities$", says: "CapInh"},
			{pkg: "test/run", run: "TestCallersCapabilitiesAreNotInherited$", says: "CapInh"},
			{pkg: "test/exec", run: "TestNoInheritableCapabilities$", says: "CapInh"},
		},
	},
	{
		row: "CVE-2022-24769, CVE-2022-29162, crun CVE-2022-27650, youki CVE-2025-27612", name: "ambient capabilities are cleared before they are set",
		file: "plan/credentials.go",
		old:  `program.Named(linux.PR_CAP_AMBIENT_CLEAR, "PR_CAP_AMBIENT_CLEAR_ALL")`, new: "program.N(1)",
		tests: []test{{pkg: "test/run", run: "TestAmbientInUserNamespace$", says: "CapAmb"}},
	},
	{
		row: "CVE-2021-43784", name: "no number in a message leads out of what it is an index of",
		file: "plan/failure.go",
		old:  "if !ok || i >= len(p.Program.Ops()) {", new: "if !ok {",
		tests: []test{{pkg: "plan", run: "FuzzFailure$", says: "index out of range"}},
	},
	{
		row: "crun CVE-2026-30892", name: "exec -u does not take 4294967295, which means to stay root",
		file: "cmd/keg/exec.go",
		old:  "n == math.MaxUint32", new: "n == math.MaxUint16",
		tests: []test{{pkg: "test/exec", run: "TestBadFlags$", says: "is not a numeric id"}},
	},
}
