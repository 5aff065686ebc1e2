package main

// terminalDefences keep the caller's terminal from the container, and a
// container from having another file taken for its terminal.
var terminalDefences = []defence{
	{
		row: "CVE-2025-52565", name: "a terminal is made in what is verified to be a devpts",
		file: "plan/console.go",
		old:  "\tmagic.Want = program.Exactly(linux.DEVPTS_SUPER_MAGIC)\n", new: "",
		tests: []test{{pkg: "test/errors", run: "TestMessages/terminal_on_a_tmpfs$", says: "keg said"}},
	},
	{
		row: "CVE-2025-52565", name: "a terminal is made by the devpts's own ptmx, not by what is mounted on it",
		file: "plan/console.go",
		old:  "linux.RESOLVE_BENEATH|linux.RESOLVE_NO_LINKS|linux.RESOLVE_NO_XDEV)", new: "linux.RESOLVE_BENEATH|linux.RESOLVE_NO_LINKS)",
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
		old:   "open := op(program.Openat2, c.parent.Load(), c.b.Text(\"console\"), how, program.N(24))\n\topen.Store, open.Retry = c.target, raceRetries\n",
		new:   "_ = how\n\topen := op(program.Openat, c.parent.Load(), c.b.Text(\"console\"), program.N(linux.O_PATH|linux.O_CLOEXEC))\n\topen.Store = c.target\n",
		tests: []test{{pkg: "test/terminal", run: "TestConsoleLeadsOut$", says: "was taken"}},
	},
	{
		row: "crun CVE-2026-88264, CVE-2026-88265", name: "/dev/console is bound on a regular file alone, and through no link",
		file: "plan/console.go",
		old:  "\tmode.Want = program.Want{Mask: linux.S_IFMT, Value: linux.S_IFREG, Name: \"S_IFREG\"}\n", new: "",
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
