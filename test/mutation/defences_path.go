package main

// pathDefences keep what an image or a volume contains from leading keg out of
// the root.
var pathDefences = []defence{
	{
		row: "CVE-2019-16884, CVE-2019-19921, CVE-2023-27561, CVE-2023-28642", name: "proc and sysfs are mounted on real directories only",
		file: "plan/mounts.go",
		old:  ` || m.Type == "proc" || m.Type == "sysfs"})`, new: "})",
		tests: []test{{pkg: "test/run", run: "TestProcOverLink$", says: "it ran"}},
	},
	{
		row: "CVE-2019-16884, CVE-2019-19921, CVE-2023-27561, CVE-2023-28642", name: "keg writes through a procfs of its own, not the container's",
		file: "plan/proc.go",
		old:  "\t\tproc := c.privateProc()\n",
		new:  "\t\tc.b.Add(c.inRoot(c.root, \"proc\", linux.O_PATH, 0, c.tree))\n\t\tproc := c.tree.Load()\n",
		tests: []test{
			{pkg: "test/run", run: "TestSysctlWithFakeProc$", says: "written to the fake"},
		},
	},
	{
		row: "CVE-2025-52881, youki CVE-2025-62596", name: "no mount inside a procfs is crossed",
		file: "plan/proc.go",
		old:  "linux.RESOLVE_NO_LINKS|linux.RESOLVE_NO_XDEV|linux.RESOLVE_BENEATH", new: "linux.RESOLVE_NO_LINKS|linux.RESOLVE_BENEATH",
		tests: []test{{pkg: "test/run", run: "TestSysctlInCoveredProc$", says: "sysctl_test.go"}},
	},
	{
		row: "CVE-2025-52881, youki CVE-2025-62596", name: "the caller's /proc is verified to be a procfs",
		file: "plan/proc.go",
		old:  "\tc.verifyFileSystem(c.proc.fd, linux.PROC_SUPER_MAGIC, \"PROC_SUPER_MAGIC\")\n", new: "",
		tests: []test{{pkg: "test/run", run: "TestSysctlInFakeCallersProc$", says: "written to what is no procfs"}},
	},
	{
		row: "CVE-2021-30465, CVE-2024-45310, crun CVE-2019-18837", name: "paths are resolved below the root's descriptor",
		file: "plan/open.go",
		old:  "resolve|linux.RESOLVE_IN_ROOT|linux.RESOLVE_NO_MAGIC, into)", new: "resolve|linux.RESOLVE_NO_MAGIC, into)",
		tests: []test{
			{pkg: "test/run", run: "TestHostileImages$", says: "the canary was touched"},
			{pkg: "test/run", run: "TestSwappedDestinations$", says: "the canary"},
		},
	},
	{
		row: "CVE-2021-30465, CVE-2024-45310, crun CVE-2019-18837", name: "missing directories are made below the descriptor of their parent",
		file: "plan/target.go",
		old:  "\tdefault:\n\t\tc.makeDir(parent, last)\n", new: "\tdefault:\n\t\tc.makeDir(c.root, p)\n",
		tests: []test{{pkg: "test/run", run: "TestSymlinkedDestinations$", says: "made on the host"}},
	},
	{
		row: "CVE-2021-30465, CVE-2024-45310, crun CVE-2019-18837", name: "tmpcopyup follows no link of the image",
		file: "linux/node.go",
		old:  "\t\tFlags:   flags | unix.O_CLOEXEC | unix.O_NOFOLLOW,\n\t\tResolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_XDEV | unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_MAGICLINKS,\n",
		new:  "\t\tFlags: flags | unix.O_CLOEXEC,\n",
		tests: []test{
			{pkg: "launch", run: "TestCopyUpStaysInside$", says: "not a symbolic link"},
		},
	},
	{
		row: "CVE-2021-30465, CVE-2024-45310, crun CVE-2019-18837", name: "tmpcopyup copies nothing of proc or sysfs",
		file:  "launch/copyup.go",
		old:   "err != nil || kernels {",
		new:   "err != nil || kernels && err != nil {",
		tests: []test{{pkg: "test/run", run: "TestTmpCopyUpOfProc$", says: "copied: exit status 0"}},
	},
	{
		row: "CVE-2025-31133, youki CVE-2025-62161", name: "files are masked by the host's null device, not the container's",
		file: "plan/paths.go",
		old: `	c.b.Add(c.openat(cwd, "/dev/null", linux.O_PATH|linux.O_NOFOLLOW, null))
	c.verifyNode(null.Load(), c.b.Text(""), program.N(linux.AT_EMPTY_PATH), &defaultDevices[0], 0)
`,
		new:   "\tc.b.Add(c.inRoot(c.root, \"dev/null\", linux.O_PATH, 0, null))\n",
		tests: []test{{pkg: "test/run", run: "TestMaskedWithFakeNull$", says: "the mask is not the null device"}},
	},
	{
		row: "CVE-2025-31133, youki CVE-2025-62161", name: "the null device is verified to be 1:3",
		file:  "plan/paths.go",
		old:   "\tc.verifyNode(null.Load(), c.b.Text(\"\"), program.N(linux.AT_EMPTY_PATH), &defaultDevices[0], 0)\n",
		new:   "",
		tests: []test{{pkg: "test/run", run: "TestMaskedWithFakeNullOnHost$", says: "the mask is not the null device"}},
	},
	{
		row: "CVE-2025-31133, youki CVE-2025-62161", name: "the mask is read-only, so that the host's device keeps its mode",
		file: "plan/paths.go",
		old:  "\tc.call(program.MountSetattr, c.tree.Load(), c.b.Text(\"\"), program.N(linux.AT_EMPTY_PATH), readonly, program.N(32))\n\tc.b.Mark(attach)",
		new:  "\t_ = readonly\n\tc.b.Mark(attach)",
		tests: []test{
			{pkg: "test/run", run: "TestHostDevicesStayAsTheyAre/masked$", says: "the host's /dev/null was"},
		},
	},
	{
		row: "CVE-2026-41579, crun CVE-2026-47766", name: "/dev is a real directory of the root",
		file:  "plan/devices.go",
		old:   "c.openTarget(\"/dev\", target{noLinks: true})",
		new:   "c.openTarget(\"/dev\", target{})",
		tests: []test{{pkg: "test/run", run: "TestSymlinkedSpecialDirectories$", says: "it ran"}},
	},
	{
		row: "CVE-2026-41579, crun CVE-2026-47766", name: "nothing is mounted through a link below /dev, /proc and /sys",
		file:  "plan/mounts.go",
		old:   "return first == \"proc\" || first == \"sys\" || first == \"dev\"",
		new:   "return first == \"keg\"",
		tests: []test{{pkg: "test/run", run: "TestBindOverSpecialLink$", says: "it ran"}},
	},
	{
		row: "crun CVE-2026-88264, CVE-2026-88265", name: "a device that is there already is verified, and no link to one",
		file:  "plan/devices.go",
		old:   "\tc.verifyNode(parent.Load(), text, program.N(linux.AT_NOFOLLOW), d, 0)\n",
		new:   "",
		tests: []test{{pkg: "test/run", run: "TestImageDevices$", says: "it ran"}},
	},
	{
		row: "openat2 gives EAGAIN", name: "the number of retries is bounded",
		file:  "initvm/code_amd64.s",
		old:   "\tDECL const_opRetry(R12)\n",
		new:   "",
		tests: []test{{pkg: "initvm", run: "TestRetryIsBounded$", says: "TestRetryIsBounded", hang: true}},
	},
	{
		row: "container ids", name: "no id is a hidden name, or one of another directory",
		file:  "state/id.go",
		old:   "case id[0] == '.':",
		new:   "case id[0] == '/':",
		tests: []test{{pkg: "state", run: "TestValidID$", says: `"..": <nil>`}},
	},
	{
		row: "container ids", name: "no id has a slash",
		file:  "state/id.go",
		old:   "r == '_' || r == '+' ||",
		new:   "r == '/' || r == '_' || r == '+' ||",
		tests: []test{{pkg: "state", run: "TestValidID$", says: `"a/b": <nil>`}},
	},
	{
		row: "container ids", name: "no id is too long for a directory",
		file:  "state/id.go",
		old:   "const maxID = 255",
		new:   "const maxID = 256",
		tests: []test{{pkg: "state", run: "TestValidID$", says: `x": <nil>`}},
	},
	{
		row: "container ids", name: "no cgroup's path leads upwards",
		file: "cgroup/path.go",
		old:  "\t\tif part == \"..\" {",
		new:  "\t\tif part == \"...\" {",
		tests: []test{
			{pkg: "cgroup", run: "TestPathRefused$", says: `"/docker/abc/../../other"`},
			{pkg: "test/exec", run: "TestCgroupFlag$", says: "not allowed"},
		},
	},
}
