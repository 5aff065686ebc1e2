package plan

import (
	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/program"
)

// lookUpHome sets HOME where process.env does not: keg reads the user's entry
// of the container's passwd file, from a descriptor opened in the root.
func (c *compiler) lookUpHome() {
	p := c.in.Spec.Process
	if p == nil || c.join != nil && c.join.Exact {
		return
	}
	if home, _ := variable(p.Env, "HOME"); home != "" {
		return
	}
	c.waitPlaced()
	c.step("process.env", "look up HOME in the container's /etc/passwd")
	none := c.b.NewLabel()
	buf := make([]byte, HomeSize+8)
	copy(buf, "HOME=/")
	c.home = c.b.Bytes(buf, "HOME")
	c.call(program.Chdir, c.b.Text("/")) // RESOLVE_IN_ROOT takes the working directory as the root
	c.onlyRegular("/etc/passwd", none)
	open := c.openat2(cwd, "/etc/passwd", linux.O_RDONLY|linux.O_NONBLOCK, linux.RESOLVE_IN_ROOT|linux.RESOLVE_NO_MAGIC, c.probe)
	open.On[1] = program.Otherwise(none)
	c.b.Add(open)
	c.request(MsgHome, c.probe)
	c.readExactly(c.sync(), c.home.Plus(len("HOME=")), HomeSize)
	c.close(c.probe)
	c.b.Mark(none)
}

// onlyRegular goes to otherwise unless the path is a regular file: opening a
// device that an image brings may do something, and a FIFO may wait.
func (c *compiler) onlyRegular(path string, otherwise program.Label) {
	look := c.openat2(cwd, path, linux.O_PATH, linux.RESOLVE_IN_ROOT|linux.RESOLVE_NO_MAGIC, c.probe)
	look.On[1] = program.Otherwise(otherwise)
	c.b.Add(look)
	buf := c.b.Zero(statSize, "stat")
	c.statx(c.probe.Load(), buf)
	c.close(c.probe)
	c.verifyType(buf, linux.S_IFREG, otherwise)
}
