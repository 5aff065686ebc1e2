package plan

import (
	"path"
	"strings"
	"syscall"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/program"
)

const (
	enoent  = syscall.ENOENT
	enotdir = syscall.ENOTDIR
	eacces  = syscall.EACCES
	eperm   = syscall.EPERM
)

// defaultPath is where programs are looked for when process.env has no PATH.
const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// findProgram looks args[0] up as the final user and leaves the address of
// its path in c.program: `create` already fails when there is none.
func (c *compiler) findProgram() {
	p := c.in.Spec.Process
	if p == nil || len(p.Args) == 0 {
		return
	}
	name := c.programName()
	c.program = c.b.NewSlot("program")
	if strings.Contains(name, "/") {
		c.step("process.args[0]", "find the program "+name)
		c.onlyCandidate(name)
		return
	}
	c.step("process.args[0]", "find the program "+name+" in $PATH")
	found, denied := c.b.NewLabel(), c.b.SlotAt(c.b.Zero(8, "denied"), 0, "denied")
	for _, dir := range strings.Split(searchPath(p.Env), ":") {
		c.candidate(path.Join("/", dir, name), dir, found, denied)
	}
	none := c.b.NewLabel()
	any := op(program.Set, denied.Load())
	any.Want = program.Exactly(1).Or(none)
	any.On[0] = program.Branch{Errno: eperm, To: none} // what -1 means, as which a slot starts
	c.b.Add(any)
	c.call(program.Set, program.N(-int(eacces)))
	c.b.Mark(none)
	c.call(program.Set, program.N(-int(enoent)))
	c.b.Mark(found)
}

func searchPath(env []string) string {
	if path, ok := variable(env, "PATH"); ok {
		return path
	}
	return defaultPath
}

// programName is args[0], but of a hook, whose path stands beside its args.
func (c *compiler) programName() string {
	if c.join != nil && c.join.Path != "" {
		return c.join.Path
	}
	return c.in.Spec.Process.Args[0]
}

// candidate tries one directory of PATH. Directories and files without
// permission are passed over, but remembered.
func (c *compiler) candidate(file, dir string, found program.Label, denied program.Slot) {
	if !strings.HasPrefix(dir, "/") {
		return // relative to whatever the working directory is: never searched
	}
	no, next, text := c.b.NewLabel(), c.b.NewLabel(), c.b.Text(file)
	access := op(program.Faccessat2, cwd, text, program.N(linux.X_OK), program.N(linux.AT_EACCESS))
	access.On = [2]program.Branch{{Errno: eacces, To: no}, program.Otherwise(next)}
	c.b.Add(access)
	c.notDirectory(text, c.use(text, found))
	c.b.Mark(no)
	remember := op(program.Set, program.N(1))
	remember.Store = denied
	c.b.Add(remember)
	c.b.Mark(next)
}

// use returns a function that emits: this is the program, go on at found.
func (c *compiler) use(text program.Arg, found program.Label) func() {
	return func() {
		set := op(program.Set, text)
		set.Store, set.Next = c.program, found
		c.b.Add(set)
	}
}

// notDirectory runs then if the path is no directory, and goes on after it
// otherwise.
func (c *compiler) notDirectory(text program.Arg, then func()) {
	is, end := c.b.NewLabel(), c.b.NewLabel()
	dir := op(program.Openat, cwd, text, program.N(linux.O_PATH|linux.O_DIRECTORY|linux.O_CLOEXEC))
	dir.Store, dir.On[0] = c.probe, program.Branch{Errno: enotdir, To: is}
	c.b.Add(dir)
	closed := op(program.Close, c.probe.Load())
	closed.Next = end
	c.b.Add(closed)
	c.b.Mark(is)
	then()
	c.b.Mark(end)
}

// onlyCandidate is a path with a slash, relative to the working directory.
func (c *compiler) onlyCandidate(file string) {
	found, text := c.b.NewLabel(), c.b.Text(file)
	c.call(program.Faccessat2, cwd, text, program.N(linux.X_OK), program.N(linux.AT_EACCESS))
	c.notDirectory(text, c.use(text, found))
	c.call(program.Set, program.N(-int(syscall.EISDIR)))
	c.b.Mark(found)
}

// execProgram becomes the program. Where the kernel cannot, the file's first
// bytes are reported with the errno: they tell a missing interpreter from
// another architecture, and Windows line ends from both.
func (c *compiler) execProgram() {
	p := c.in.Spec.Process
	if p == nil || len(p.Args) == 0 {
		return
	}
	c.step("process.args", "execute "+c.programName())
	missing, format := c.b.NewLabel(), c.b.NewLabel()
	exec := op(program.Execve, c.program.Load(), c.strings("args", p.Args), c.envp())
	exec.On = [2]program.Branch{{Errno: enoent, To: missing}, {Errno: syscall.ENOEXEC, To: format}}
	c.filter.execAt(c.b.Add(exec))
	c.b.Mark(missing)
	c.reportHead(enoent)
	c.b.Mark(format)
	c.reportHead(syscall.ENOEXEC)
	c.filter.failuresEnd(len(c.b.Ops()))
}

// reportHead sends the program's first bytes and fails with the errno.
func (c *compiler) reportHead(errno syscall.Errno) {
	unreadable := c.b.NewLabel()
	open := op(program.Openat, cwd, c.program.Load(), program.N(linux.O_RDONLY|linux.O_NONBLOCK|linux.O_CLOEXEC))
	open.Store, open.On = c.probe, [2]program.Branch{{Errno: eacces, To: unreadable}, {Errno: enoent, To: unreadable}}
	c.b.Add(open)
	buf := c.b.Zero(HeadSize, "head")
	c.call(program.Read, c.probe.Load(), buf, program.N(HeadSize))
	c.call(program.Write, c.b.ReportSlot().Load(), buf, program.N(HeadSize))
	c.b.Mark(unreadable)
	c.call(program.Set, program.N(-int(errno)))
}

func (c *compiler) strings(name string, list []string) program.Arg {
	args := make([]program.Arg, len(list))
	for i, s := range list {
		args[i] = c.b.Text(s)
	}
	return c.b.Strings(name, args)
}
