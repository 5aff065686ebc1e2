package main

// privilegeDefences keep what has more privileges than the container's program
// out of its reach.
var privilegeDefences = []defence{
	{
		row: "CVE-2016-9962", name: "a process that joins has few capabilities before the container sees it, for who may trace any",
		file:  "plan/join.go",
		old:   "\tc.fewerCapabilities()\n",
		new:   "",
		tests: []test{{pkg: "test/exec", run: "TestJoinerHasFewCapabilities$", says: "the process that joins has the capabilities"}},
	},
	{
		row: "CVE-2016-9962", name: "the host's procfs is closed before a process that joins becomes the user",
		file:  "plan/compile.go",
		old:   "\t(*compiler).closeProc,   // what has no use for it any more\n",
		new:   "",
		tests: []test{{pkg: "plan", run: "TestLabelsCloseProc$", says: "the host's procfs"}},
	},
	{
		row: "devices", name: "what no rule is about is denied, also without rules",
		file:  "container/cgroup.go",
		old:   "\treturn m.cgroup.SetDevices(m.plan.Devices)\n",
		new:   "\tif m.plan.Devices.Listed() {\n\t\treturn m.cgroup.SetDevices(m.plan.Devices)\n\t}\n\treturn nil\n",
		tests: []test{{pkg: "test/limits", run: "TestDevices$", says: "kmsg:r kmsg:w"}},
	},
	{
		row: "devices", name: "a container stands still while the default of its v1 rules changes",
		file:  "cgroup/devices.go",
		old:   "\tif v.Disturbs(before) {\n",
		new:   "\tif false {\n",
		tests: []test{{pkg: "cgroup", run: "TestSetDevicesNeverLapses$", says: "read"}},
	},
	{
		row: "devices", name: "new rules take the place of the old ones in one step",
		file:  "cgroup/devices.go",
		old:   "\treturn linux.AttachDeviceProgram(cgroup, program, old[0])\n",
		new:   "\tlinux.DetachDeviceProgram(cgroup, old[0])\n\treturn linux.AttachDeviceProgram(cgroup, program, -1)\n",
		tests: []test{{pkg: "cgroup", run: "TestSetDevicesNeverLapses$", says: "read"}},
	},
	{
		row: "devices", name: "what v1 cannot deny is refused",
		file:  "devices/v1.go",
		old:   "\t\tif special != nil {\n",
		new:   "\t\tif false {\n",
		tests: []test{{pkg: "devices", run: "TestCompile$", says: "cgroup v1 cannot deny"}},
	},
	{
		row: "seccomp", name: "the listener's helper, which has no filter, has ended before the program runs",
		file:  "plan/listener.go",
		old:   "look := op(program.Set, lives.Load())\n\tlook.Next, look.Want = loop, program.Exactly(1).Or(done)",
		new:   "look := op(program.Set, passed.Load())\n\tlook.Next, look.Want = loop, program.Exactly(0).Or(done)",
		tests: []test{{pkg: "test/run", run: "TestSeccompNotifyHelperEnds$", says: "what has no filter is left"}},
	},
	{
		row: "seccomp", name: "a profile of more rules than can be counted is refused",
		file:  "seccomp/profile.go",
		old:   "if c.rules.overflow() {",
		new:   "if false {",
		tests: []test{{pkg: "seccomp", run: "TestTooManyRules$", says: "it was compiled"}},
	},
	{
		row: "no_new_privs", name: "a process given to exec does not regain new privileges by leaving the field out",
		file:  "container/exec_process.go",
		old:   "\tp.NoNewPrivileges = p.NoNewPrivileges || base.NoNewPrivileges\n",
		new:   "",
		tests: []test{{pkg: "test/exec", run: "TestSameAsTheProgram$", says: "process: line"}},
	},
	{
		row: "session keyrings", name: "a container's keyring has a name that no other container has or guesses",
		file:  "plan/keyring.go",
		old:   "if created != 0 {",
		new:   "if false {",
		tests: []test{{pkg: "test/run", run: "TestSessionKeyringIsNotAnothers$", says: "two containers have so many session keyrings: 1"}},
	},
	{
		row: "terminal escapes", name: "what an image has chosen is escaped in errors",
		file:  "plan/failure.go",
		old:   "return q[1 : len(q)-1]",
		new:   "_ = q; return s",
		tests: []test{{pkg: "test/run", run: "TestErrorsHaveNoEscapes$", says: "the error has escapes"}},
	},
	{
		row: "terminal escapes", name: "nothing in a message acts on the terminal",
		file:  "cmd/keg/log.go",
		old:   "printable(msg))",
		new:   "msg)",
		tests: []test{{pkg: "cmd/keg", run: "TestMessagesArePrintable$", says: "acts on the terminal"}},
	},
	{
		row: "forged images", name: "what a checkpoint's images make is held against the configuration before it runs",
		file:  "container/restore_verify.go",
		old:   "\t\t\terr = c.check(pid)\n",
		new:   "\t\t\t_, _ = c, pid\n",
		tests: []test{{pkg: "test/checkpoint", run: "TestForged$/^filter$", says: "want \"linux.seccomp: process"}},
	},
	{
		row: "forged images", name: "images that others than root could exchange are not read",
		file:  "container/criu_trust.go",
		old:   "\tcase st.Mode&0o022 != 0:\n",
		new:   "\tcase st.Mode&0o022 != 0 && name == \"\":\n",
		tests: []test{{pkg: "test/checkpoint", run: "TestOthersImages$/^open_file$", says: "has mode 0606"}},
	},
}
