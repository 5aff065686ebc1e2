package plan

import (
	"syscall"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/program"
	"github.com/keg-project/keg/spec"
)

// procFS is the private procfs through which keg writes, never the
// container's own, which its image may have replaced (CVE-2019-16884,
// CVE-2025-52881).
type procFS struct {
	open    bool
	fd      program.Slot
	hasSelf bool
	self    program.Slot
}

// privateProc leaves a detached procfs in c.proc.fd. Where the kernel does not
// grant one (a user namespace without its own pid namespace, or nested below a
// masked /proc), it is the caller's /proc, verified to be a procfs's root.
func (c *compiler) privateProc() program.Arg {
	if c.proc.open {
		return c.proc.fd.Load()
	}
	c.proc = procFS{open: true, fd: c.b.NewSlot("proc")}
	if c.join != nil {
		c.keep(c.callersProc(), c.proc.fd)
		c.verifyProc()
		return c.proc.fd.Load()
	}
	caller, done := c.b.NewLabel(), c.b.NewLabel()
	fs := op(program.Fsopen, c.b.Text("proc"), program.N(linux.FSOPEN_CLOEXEC))
	fs.Store, fs.On[0] = c.probe, program.Branch{Errno: syscall.EPERM, To: caller}
	c.b.Add(fs)
	create := op(program.Fsconfig, c.probe.Load(), program.N(linux.FSCONFIG_CREATE), program.N(0), program.N(0), program.N(0))
	create.On[0] = program.Branch{Errno: syscall.EPERM, To: caller}
	c.b.Add(create)
	mnt := op(program.Fsmount, c.probe.Load(), program.N(linux.FSMOUNT_CLOEXEC), program.N(0))
	mnt.Store, mnt.On[0] = c.proc.fd, program.Branch{Errno: syscall.EPERM, To: caller}
	c.b.Add(mnt)
	closeFS := op(program.Close, c.probe.Load())
	closeFS.Next = done
	c.b.Add(closeFS)
	c.b.Mark(caller)
	c.openCallersProc()
	c.b.Mark(done)
	return c.proc.fd.Load()
}

// openCallersProc opens the caller's /proc: the init's root is still the host's.
func (c *compiler) openCallersProc() {
	c.b.Add(c.openat(cwd, "/proc", linux.O_PATH|linux.O_DIRECTORY|linux.O_NOFOLLOW, c.proc.fd))
	c.verifyProc()
}

// verifyProc makes sure that it is the root of a procfs.
func (c *compiler) verifyProc() {
	c.verifyFileSystem(c.proc.fd, linux.PROC_SUPER_MAGIC, "PROC_SUPER_MAGIC")
	buf := c.b.Zero(statSize, "stat")
	c.statx(c.proc.fd.Load(), buf)
	inode := op(program.Set, c.b.SlotAt(buf, statIno, "stat.ino").Load())
	inode.Want = program.Exactly(1)
	c.b.Add(inode)
}

// procFile opens a file to be written, below a directory of the private procfs:
// what an image or a container has mounted over it is not crossed.
func (c *compiler) procFile(dir program.Arg, file string) program.Op {
	return c.openat2(dir, file, linux.O_WRONLY, linux.RESOLVE_NO_LINKS|linux.RESOLVE_NO_XDEV|linux.RESOLVE_BENEATH, c.probe)
}

// sysctls are written through the private procfs.
func (c *compiler) sysctls() {
	l := c.in.Spec.Linux
	if l == nil {
		return
	}
	for _, key := range sortedKeys(l.Sysctl) {
		value := l.Sysctl[key]
		path, _ := spec.SysctlPath(key) // validated
		c.step("linux.sysctl."+key, "set sysctl "+key+" to "+value)
		proc := c.privateProc()
		c.b.Add(c.procFile(proc, "sys/"+path))
		c.write(c.probe.Load(), value)
		c.close(c.probe)
	}
}
