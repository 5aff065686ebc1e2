package plan

import (
	"strings"
	"syscall"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/program"
)

// maxConfig is the longest option that fsconfig(2) takes.
const maxConfig = 255

// wantsDescriptor reports mounts on which more is to be done than mount(2)
// can. They are made detached: looked up at its destination, a new mount could
// be another one by then, behind a link that someone swapped in.
func (m *mount) wantsDescriptor() bool {
	if m.Type == "sysfs" { // may have to be a bind
		return false
	}
	for _, word := range m.fsWords() {
		if len(word) > maxConfig {
			return false
		}
	}
	return m.copyUp || m.coversMode() || m.rootLabel != "" || m.attr.propagation != 0 || !m.recursive.empty()
}

// coversMode: a tmpfs without mode= takes the mode of what it covers.
func (m *mount) coversMode() bool { return m.Type == "tmpfs" && !m.dataHas("mode") }

// detached makes a file system, finishes it, and only then attaches it.
func (c *compiler) detached(m *mount) {
	var stat covered
	t := target{noLinks: underSpecial(m.Destination) || m.Type == "proc"}
	if m.Type == "tmpfs" {
		stat = c.newCovered()
		t.existing = func() { c.statx(c.target.Load(), stat.buf) }
	}
	c.openTarget(m.Destination, t)
	c.makeFileSystem(m)
	c.setRootLabel(m)
	if m.copyUp {
		c.copyUp(m, stat)
	}
	if m.coversMode() {
		c.call(program.Fchmodat, c.tree.Load(), c.b.Text("."), stat.mode.Load())
	}
	c.setAttrs(c.tree.Load(), m)
	c.attach()
}

// covered is the struct statx of the directory that a tmpfs covers: root's,
// with mode 01777, if there was none.
type covered struct {
	buf            program.Arg
	mode, uid, gid program.Slot
}

func (c *compiler) newCovered() covered {
	stat := make([]byte, statSize)
	stat[statMode], stat[statMode+1] = 0o1777&0xff, 0o1777>>8
	buf := c.b.Bytes(stat, "covered")
	return covered{buf, c.b.SlotAt(buf, statMode, "covered.mode"), c.b.SlotAt(buf, statUID, "covered.uid"), c.b.SlotAt(buf, statGID, "covered.gid")}
}

// makeFileSystem leaves a new file system, attached nowhere, in c.tree.
func (c *compiler) makeFileSystem(m *mount) {
	c.fsOpen(m.Type)
	if m.Source != "" {
		c.fsConfig("source", m.Source)
	}
	for _, word := range m.fsWords() {
		key, value, ok := strings.Cut(word, "=")
		if ok {
			c.fsConfig(key, value)
			continue
		}
		c.call(program.Fsconfig, c.probe.Load(), program.N(linux.FSCONFIG_SET_FLAG), c.b.Text(key), program.N(0), program.N(0))
	}
	c.fsMount(c.tree, 0)
}

// fsOpen begins a file system, fsConfig sets an option of it, and fsMount
// leaves its mount, attached nowhere. fsopen(2)
func (c *compiler) fsOpen(kind string) {
	fs := op(program.Fsopen, c.b.Text(kind), program.N(linux.FSOPEN_CLOEXEC))
	fs.Store = c.probe
	c.b.Add(fs)
}

func (c *compiler) fsConfig(key, value string) {
	c.call(program.Fsconfig, c.probe.Load(), program.N(linux.FSCONFIG_SET_STRING), c.b.Text(key), c.b.Text(value), program.N(0))
}

func (c *compiler) fsMount(into program.Slot, attrs uint64) {
	c.call(program.Fsconfig, c.probe.Load(), program.N(linux.FSCONFIG_CREATE), program.N(0), program.N(0), program.N(0))
	mnt := op(program.Fsmount, c.probe.Load(), program.N(linux.FSMOUNT_CLOEXEC), program.N(attrs))
	mnt.Store = into
	c.b.Add(mnt)
	c.close(c.probe)
}

// superOptions are flags of mount(2) that are the file system's own.
var superOptions = [...]struct {
	flag uint64
	name string
}{
	{linux.MS_SYNCHRONOUS, "sync"}, {linux.MS_DIRSYNC, "dirsync"}, {linux.MS_LAZYTIME, "lazytime"}, {linux.MS_MANDLOCK, "mand"},
}

// fsWords are the file system's options, one by one.
func (m *mount) fsWords() []string {
	var words []string
	for _, o := range superOptions {
		if m.flags&o.flag != 0 {
			words = append(words, o.name)
		}
	}
	for _, data := range m.data {
		for _, word := range splitOptions(data) {
			words = append(words, unquoted(word))
		}
	}
	return words
}

// splitOptions: a comma before a digit stands in a list of NUMA nodes, one
// between quotes in an SELinux label. tmpfs(5), mpol; mount(8), context=
func splitOptions(s string) []string {
	var words []string
	start, quoted := 0, false
	for i := range s {
		if s[i] == '"' {
			quoted = !quoted
		}
		if s[i] == ',' && !quoted && (i+1 == len(s) || s[i+1] < '0' || s[i+1] > '9') {
			words = append(words, s[start:i])
			start = i + 1
		}
	}
	return append(words, s[start:])
}

// copyUp has keg copy the covered directory into the new tmpfs, which then
// belongs to whom that belongs, unless uid= or gid= say otherwise.
func (c *compiler) copyUp(m *mount, stat covered) {
	c.plan.CopyUps = append(c.plan.CopyUps, m.field)
	c.request(MsgCopyUp, c.target, c.tree)
	c.await("copied")
	if m.dataHas("uid") || m.dataHas("gid") {
		return
	}
	o := op(program.Fchownat, c.tree.Load(), c.b.Text(""), stat.uid.Load(), stat.gid.Load(), program.N(linux.AT_EMPTY_PATH))
	o.On[0].Errno, o.On[1].Errno = syscall.EINVAL, syscall.EPERM // an owner without a place in the user namespace
	c.b.Add(o)
}
