package main

// bootDefences are against what boot-time containers leave behind.
var bootDefences = []defence{
	{
		row: "boot-time containers", name: "a mount is taken back where it was made, not where its name leads",
		file:  "boot/bundle/undo.go",
		old:   "return linux.UnmountOn(target)",
		new:   "return linux.Unmount(target.Name(), 0)",
		tests: []test{{pkg: "test/boot/sequence", run: "TestEachFaultLeavesNothing/mount_after_one_through_a_link$", says: "clean up: umount"}},
	},
	{
		row: "boot-time containers", name: "an init that has left its container's cgroups is killed",
		file:  "boot/bundle/end.go",
		old:   "r.Child.Signal(syscall.SIGKILL)",
		new:   "r.Child.Signal(0)",
		tests: []test{{pkg: "test/boot/sequence", run: "TestTimeout/leaves$", says: "does not end"}},
	},
	{
		row: "boot-time containers", name: "no link that a container has put in a log's place is followed",
		file:  "boot/service/logfile.go",
		old:   "linux.OpenRegular(path, flags, 0o640)",
		new:   "os.OpenFile(path, flags, 0o640)",
		tests: []test{{pkg: "boot/service", run: "TestTailOfOthers$", says: "x.log: \"\", <nil>"}},
	},
}
