package plan

import (
	"encoding/binary"
	"strings"
	"syscall"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/program"
)

// session puts the process into a session of its own: the terminal that keg
// runs on is not its controlling one, so it cannot type there (TIOCSTI), and
// signals reach it only through keg.
func (c *compiler) session() {
	c.step("", "begin a session: the terminal of keg's caller is none of the container's")
	c.call(program.Setsid)
}

func (c *compiler) terminal() bool {
	return c.in.Spec.Process != nil && c.in.Spec.Process.Terminal
}

// console gives the init its terminal, on which /dev/console lies as well.
func (c *compiler) console() {
	if !c.terminal() {
		return
	}
	if c.in.Spec.Root == nil {
		c.fail("process.terminal", "a terminal is made in the container's /dev/pts, but there is no root")
		return
	}
	peer := c.pty(c.root)
	if c.ns.isNew(linux.CLONE_NEWNS) && !c.devIsBound() { // a bind mount on /dev brings its own
		c.bindConsole(peer)
	}
	c.useTerminal(peer)
}

// joinTerminal gives a process that joins a container a terminal: /dev/console
// stays the init's.
func (c *compiler) joinTerminal() {
	if !c.terminal() || c.join.Plain || c.isHook() {
		return
	}
	c.step("process.terminal", "open the container's root")
	c.b.Add(c.openat(cwd, "/", linux.O_PATH|linux.O_DIRECTORY, c.root))
	c.useTerminal(c.pty(c.root))
	c.close(c.root)
}

// pty makes a terminal in the devpts of the root, hands its master to keg and
// keeps the other end, which TIOCGPTPEER takes from the master: whatever an
// image or a running container has put at /dev/pts/N is not looked at
// (CVE-2025-52565).
func (c *compiler) pty(root program.Slot) (peer program.Slot) {
	pts, master, peer := c.b.NewSlot("pts"), c.b.NewSlot("master"), c.b.NewSlot("tty")
	c.step("process.terminal", "open the container's devpts, /dev/pts")
	c.b.Add(c.inRoot(root, "dev/pts", linux.O_PATH|linux.O_DIRECTORY, linux.RESOLVE_NO_LINKS, pts))
	c.verifyFileSystem(pts, linux.DEVPTS_SUPER_MAGIC, "DEVPTS_SUPER_MAGIC")

	c.step("process.terminal", "make a terminal there")
	c.b.Add(c.openat2(pts.Load(), "ptmx", linux.O_RDWR|linux.O_NOCTTY|linux.O_NOFOLLOW,
		linux.RESOLVE_BENEATH|linux.RESOLVE_NO_LINKS|linux.RESOLVE_NO_XDEV, master))
	c.verifyNode(master.Load(), c.b.Text(""), program.N(linux.AT_EMPTY_PATH), &device{kind: linux.S_IFCHR, major: 5, minor: 2}, 0)
	c.close(pts)
	c.call(program.Ioctl, master.Load(), program.N(linux.TIOCSPTLCK), c.b.Zero(8, "0"))
	tty := op(program.Ioctl, master.Load(), program.N(linux.TIOCGPTPEER), program.Named(linux.O_RDWR|linux.O_NOCTTY|linux.O_CLOEXEC, "O_RDWR|O_NOCTTY|O_CLOEXEC"))
	tty.Store = peer
	c.b.Add(tty)
	// The group stays devpts': tty, whose members may write to it.
	c.call(program.Fchownat, peer.Load(), c.b.Text(""), program.N(c.in.Spec.Process.User.UID), program.N(-1), program.N(linux.AT_EMPTY_PATH))
	c.consoleSize(master)

	c.waitPlaced() // a step of its own
	c.step("process.terminal", "give keg the terminal's other end")
	c.request(MsgConsole, master)
	c.await("go")
	c.close(master)
	return peer
}

func (c *compiler) consoleSize(master program.Slot) {
	size := c.in.Spec.Process.ConsoleSize
	if size == nil {
		return
	}
	c.step("process.consoleSize", "set the terminal's size")
	var winsize []byte // struct winsize; ioctl_tty(2)
	for _, n := range []uint{size.Height, size.Width, 0, 0} {
		winsize = binary.NativeEndian.AppendUint16(winsize, uint16(n))
	}
	name := "{rows=" + decimal(uint32(size.Height)) + ", columns=" + decimal(uint32(size.Width)) + "}"
	c.call(program.Ioctl, master.Load(), program.N(linux.TIOCSWINSZ), c.b.Bytes(winsize, name))
}

// bindConsole binds the terminal on /dev/console, by descriptors. The file
// that it lies on is made by keg or is an empty mountpoint of the image's: a
// link would have it made, or covered, elsewhere (CVE-2026-88264).
func (c *compiler) bindConsole(tty program.Slot) {
	c.step("process.terminal", "bind the terminal on /dev/console")
	c.b.Add(c.inRoot(c.root, "dev", linux.O_PATH|linux.O_DIRECTORY, linux.RESOLVE_NO_LINKS, c.parent))
	c.makeFile(c.parent, "console")
	c.b.Add(c.openat2(c.parent.Load(), "console", linux.O_PATH|linux.O_NOFOLLOW, linux.RESOLVE_BENEATH, c.target))
	buf := c.b.Zero(statSize, "stat")
	c.statx(c.target.Load(), buf)
	c.verifyType(buf, linux.S_IFREG, 0)
	c.b.Add(c.copyOf(tty))
	c.attach()
	c.close(c.parent)
}

// useTerminal makes the terminal the streams of the process, and its
// controlling terminal.
func (c *compiler) useTerminal(tty program.Slot) {
	c.step("process.terminal", "make the terminal the standard streams")
	for fd := range 3 {
		if fd < 2 || !c.in.OwnStderr {
			c.call(program.Dup3, tty.Load(), program.N(fd), program.N(0))
		}
	}
	c.close(tty)
	if !c.hasInit() { // the session is to be the program's
		c.controlTerminal()
	}
}

// controlTerminal takes the terminal for the session.
func (c *compiler) controlTerminal() {
	c.call(program.Ioctl, program.FDNamed(0, "stdin"), program.N(linux.TIOCSCTTY), program.N(0))
}

// explainTerminal is about a file that is not what it has to be.
func explainTerminal(f *Failure) {
	switch {
	case strings.HasSuffix(f.Path, "pts"):
		f.Text, f.Hint = "/dev/pts is not a devpts", hintDevpts
	case f.Path == "console":
		f.Text, f.Hint = "/dev/console is no regular file", "an image must not bring its own files in /dev: remove it, or mount a tmpfs on /dev"
	default:
		f.Text = "/dev/pts/ptmx is not the device that belongs there"
	}
}

const hintDevpts = `mounts needs {"destination": "/dev/pts", "type": "devpts", "source": "devpts", "options": ["newinstance", "ptmxmode=0666", "mode=0620"]}`

func hintTerminal(f *Failure, op *program.Op) string {
	switch {
	case f.Errno == syscall.ENOENT && (f.Path == "dev/pts" || f.Path == "ptmx"):
		return hintDevpts
	case f.Errno == syscall.EACCES && f.Path == "ptmx":
		return "the devpts on /dev/pts must be mounted with ptmxmode=0666"
	case f.Errno == syscall.EXDEV:
		return "something is mounted on /dev/pts/ptmx"
	case f.Errno == syscall.ENOSPC && f.Path == "ptmx":
		return "there are as many terminals as may be: raise kernel.pty.max"
	case op.Call == program.Fchownat:
		return "process.user cannot own a terminal of the devpts on /dev/pts: mount the container's own there"
	}
	return ""
}
