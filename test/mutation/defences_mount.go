package main

// mountDefences are of what the container's mounts let it do.
var mountDefences = []defence{
	{
		row: "CVE-2023-25809", name: "cgroups are read-only without a cgroup namespace",
		file:  "plan/cgroup_mount.go",
		old:   "\tattr.change(linux.MOUNT_ATTR_RDONLY, false)\n",
		new:   "",
		tests: []test{{pkg: "test/run", run: "TestCgroupsAreReadOnly$", says: "cgroups that can be written to"}},
	},
	{
		row: "crun CVE-2026-115520, CVE-2026-115521", name: "a bind mount is read-only before it is attached",
		file: "plan/mounts.go",
		old: `	c.setAttrs(c.tree.Load(), m)
	c.openTarget(m.Destination, target{like: &c.tree, noLinks: underSpecial(m.Destination)})
	c.attach()
`,
		new: `	c.openTarget(m.Destination, target{like: &c.tree, noLinks: underSpecial(m.Destination)})
	c.attach()
	c.b.Add(c.inRoot(c.root, below(m.Destination), linux.O_PATH, 0, c.target))
	c.setAttrs(c.target.Load(), m)
	c.close(c.target)
`,
		tests: []test{{pkg: "test/run", run: "TestReadonlyBindBeforeAttached$", says: "mount_setattr at"}},
	},
	{
		row: "crun #2262", name: "a mount that fails is not tried again in another way",
		file:  "plan/mounts.go",
		old:   "program.MoveMount, c.tree.Load(), empty, c.target.Load(), empty, program.N(linux.MOVE_MOUNT_F_EMPTY|linux.MOVE_MOUNT_T_EMPTY))\n\tc.close(c.tree)\n\tc.close(c.target)\n}",
		new:   "program.Set, program.N(0)); _ = empty\n\tmove := op(program.MoveMount, c.tree.Load(), empty, c.target.Load(), empty, program.N(linux.MOVE_MOUNT_F_EMPTY|linux.MOVE_MOUNT_T_EMPTY))\n\tmove.On[0].Errno = syscall.EINVAL\n\tc.b.Add(move)\n\tc.close(c.tree)\n\tc.close(c.target)\n}",
		tests: []test{{pkg: "test/run", run: "TestBindKinds$", says: "it ran"}},
	},
	{
		row: "crun #2262", name: "a bind is attached by its target's descriptor",
		file:  "plan/mounts.go",
		old:   "\tc.openTarget(m.Destination, target{like: &c.tree, noLinks: underSpecial(m.Destination)})\n\tc.attach()\n",
		new:   "\tc.openTarget(m.Destination, target{like: &c.tree, noLinks: underSpecial(m.Destination)})\n\tc.call(program.MoveMount, c.tree.Load(), c.b.Text(\"\"), c.root.Load(), c.b.Text(below(m.Destination)), program.N(linux.MOVE_MOUNT_F_EMPTY|0x10))\n\tc.close(c.tree)\n\tc.close(c.target)\n",
		tests: []test{{pkg: "test/run", run: "TestSymlinkedDestinations$", says: "move_mount m/link"}},
	},
	{
		row: "mounts that show on the host", name: "what keg takes for a user namespace is made a slave",
		file:  "plan/mounts.go",
		old:   "inherited && !c.keepsShared() {",
		new:   "inherited && c.keepsShared() {",
		tests: []test{{pkg: "test/run", run: "TestNothingShowsFromUserNamespace$", says: "cannot access"}},
	},
	{
		row: "mounts that show on the host", name: "so is the host's sysfs, where a user namespace gets no other",
		file:  "plan/mounts.go",
		old:   "	c.setApart(c.hostSide())\n",
		new:   "",
		tests: []test{{pkg: "test/run", run: "TestSysfsFallback$", says: "mounts of the container's show on the host"}},
	},
}
