package main

// terminalDefences keep the caller's terminal from the container, and a
// container from having another file taken for its terminal.
var terminalDefences = []defence{
	{
		row: "CVE-2025-52565", name: "a terminal is made in what is verified to be a devpts",
		file: "plan/console.go",
		old:  "\tc.verifyFileSystem(pts, linux.DEVPTS_SUPER_MAGIC, \"DEVPTS_SUPER_MAGIC\")\n", new: "",
		tests: []test{{pkg: "test/errors", run: "TestMessages/terminal_on_a_tmpfs$", says: "keg said"}},
	},
	{
		row: "CVE-2025-52565", name: "a terminal is made by the devpts's own ptmx, not by what is mounted on it",
		file: "plan/console.go",
		old:  "linux.RESOLVE_BENEATH|linux.RESOLVE_NO_LINKS|linux.RESOLVE_NO_XDEV, master)", new: "linux.RESOLVE_BENEATH|linux.RESOLVE_NO_LINKS, master)",
		tests: []test{{pkg: "test/errors", run: "TestMessages/ptmx_covered$", says: "keg said"}},
	},
	{
		row: "CVE-2025-52565", name: "/dev/pts is no link",
		file: "plan/console.go",
		old:  "linux.O_PATH|linux.O_DIRECTORY, linux.RESOLVE_NO_LINKS, pts))", new: "linux.O_PATH|linux.O_DIRECTORY, 0, pts))",
		tests: []test{{pkg: "test/errors", run: "TestMessages/pts_a_link$", says: "keg said"}},
	},
	{
		row: "CVE-2025-52565", name: "the terminal is taken from its master, not by its path",
		file:  "plan/console.go",
		old:   "tty := op(program.Ioctl, master.Load(), program.N(linux.TIOCGPTPEER), program.Named(linux.O_RDWR|linux.O_NOCTTY|linux.O_CLOEXEC, \"O_RDWR|O_NOCTTY|O_CLOEXEC\"))",
		new:   "tty := c.inRoot(root, \"dev/pts/0\", linux.O_RDWR|linux.O_NOCTTY, 0, peer)",
		tests: []test{{pkg: "test/terminal", run: "TestSwappedTerminal$", says: "what is no terminal was taken for one"}},
	},
	{
		row: "crun CVE-2026-88264, CVE-2026-88265", name: "no link is followed to the file of /dev/console",
		file:  "plan/console.go",
		old:   "c.openat2(c.parent.Load(), \"console\", linux.O_PATH|linux.O_NOFOLLOW, linux.RESOLVE_BENEATH, c.target)",
		new:   "c.openat(c.parent.Load(), \"console\", linux.O_PATH, c.target)",
		tests: []test{{pkg: "test/terminal", run: "TestConsoleLeadsOut$", says: "was taken"}},
	},
	{
		row: "crun CVE-2026-88264, CVE-2026-88265", name: "/dev/console is bound on a regular file alone, and through no link",
		file: "plan/console.go",
		old:  "\tc.verifyType(buf, linux.S_IFREG, 0)\n", new: "",
		tests: []test{{pkg: "test/errors", run: "TestMessages/console_a_(device|link)$", says: "exit status 0, want 1"}},
	},
	{
		row: "TIOCSTI into the caller's terminal", name: "every process of a container begins a session",
		file: "plan/console.go",
		old:  "\tc.call(program.Setsid)\n", new: "",
		tests: []test{{pkg: "test/terminal", run: "TestSessionWithoutTerminal$", says: "run_test.go"}},
	},
	{
		row: "a runtime that is killed", name: "a watch sets the caller's terminal as it was",
		file: "terminal/watch.go",
		old:  "\tb.Add(set)\n", new: "",
		tests: []test{{pkg: "test/terminal", run: "TestKilled$", says: "never came: the settings of before"}},
	},
}
