package plan

import (
	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/program"
)

// descriptors assigns the first numbers: the program's own streams and the
// descriptors it inherits, then keg's.
func (c *compiler) descriptors() {
	const most = 1 << 16
	if n := c.firstOwn(); n > most {
		c.fail(c.streamField(n-1), "%d file descriptors: no process has so many open", n)
		c.in.ListenFDs, c.in.PreserveFDs = 0, 0
	}
	for i := range c.firstOwn() {
		c.inherit(FD{Kind: FDStdio, Field: c.streamField(i)})
	}
	c.plan.SyncFD = c.inherit(FD{Kind: FDSync})
	if c.join != nil && c.setsLabels() {
		c.inherit(FD{Kind: FDProc})
	}
}

// callersProc is what a process that joins a container has instead of a private
// procfs: a user namespace in which parts of /proc are masked grants none.
func (c *compiler) callersProc() program.Arg { return program.FDNamed(c.plan.SyncFD+1, "/proc") }

// afterKept is the first descriptor that a process does not keep once it has
// joined a container.
func (c *compiler) afterKept() int {
	if c.setsLabels() {
		return c.plan.SyncFD + 2
	}
	return c.plan.SyncFD + 1
}

func (c *compiler) inherit(fd FD) int {
	c.plan.FDs = append(c.plan.FDs, fd)
	return len(c.plan.FDs) - 1
}

// firstOwn is the first descriptor that the container's program must not get.
func (c *compiler) firstOwn() int { return 3 + c.in.ListenFDs + c.in.PreserveFDs }

// streamField is what asks for keg's own descriptor: sd_listen_fds(3) counts from
// 3, so the sockets come first.
func (c *compiler) streamField(fd int) string {
	switch {
	case fd < 3:
		return ""
	case fd < 3+c.in.ListenFDs:
		return "LISTEN_FDS"
	}
	return "--preserve-fds"
}

func (c *compiler) sync() program.Arg { return program.FDNamed(c.plan.SyncFD, "sync") }

// namespaceFD inherits an open namespace file.
func (c *compiler) namespaceFD(field, path string, nstype uint64) program.Arg {
	return c.inheritedFD(FD{Kind: FDNamespace, Field: field, Path: path, NSType: nstype})
}

func (c *compiler) inheritedFD(fd FD) program.Arg { return program.FDNamed(c.inherit(fd), fd.name()) }

// name is how a descriptor that keg opens is printed.
func (fd *FD) name() string {
	switch {
	case fd.Kind == FDTasks:
		return fd.Path + "/tasks"
	case fd.Kind == FDPidfd:
		return "pidfd"
	case fd.Kind == FDProc:
		return "/proc"
	case fd.Kind == FDRoot:
		return "root"
	case fd.Kind == FDNamespace:
		return "ns:" + fd.Path
	case fd.IDMap != nil:
		return "idmapped:" + fd.Path
	}
	return "tree:" + fd.Path
}

// exchange has the FIFOs of create take the place of keg's socket and of the
// descriptor after it, and returns the one that the init waits on.
func (c *compiler) exchange() program.Arg {
	from := c.inherit(FD{Kind: FDStart})
	result := c.inherit(FD{Kind: FDExec})
	c.call(program.Dup3, program.FDNamed(result, "exec.fifo"), c.sync(), program.N(linux.O_CLOEXEC))
	start := c.plan.SyncFD + 1
	if from != start { // dup3 refuses to copy a descriptor onto itself
		c.call(program.Dup3, program.FDNamed(from, "start.fifo"), program.N(start), program.N(linux.O_CLOEXEC))
	}
	return program.FDNamed(start, "start.fifo")
}

// closeFrom closes all descriptors from fd on. An init may wait for long, and
// who may look at its descriptors, as one that shares its pid namespace and has
// CAP_SYS_PTRACE, shall find as few as there can be.
func (c *compiler) closeFrom(fd int) {
	c.call(program.CloseRange, program.N(fd), program.N(^uint32(0)), program.N(0))
}

// closeStrays closes what the caller of keg left open: the init would keep it
// until start, and with it a pipe that someone waits for. How many descriptors
// the plan has is known at its end.
func (c *compiler) closeStrays() {
	c.step("", "close what keg's caller left open")
	c.strays = c.b.Add(op(program.CloseRange, program.N(0), program.N(^uint32(0)), program.N(0)))
}
