package plan

import (
	"slices"
	"strings"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/program"
)

// unconfined is what AppArmor calls a process without a profile: where there is
// no AppArmor, every process is one.
const unconfined = "unconfined"

// checkLabels refuses labels that this machine would not enforce.
func (c *compiler) checkLabels() {
	const hint = " (hint: leave it out, or run the container on a machine that has it)"
	if c.profile() != "" && !c.in.Host.AppArmor {
		c.fail("process.apparmorProfile", "AppArmor is not enabled on this machine, and the profile %s would confine nothing%s", c.profile(), hint)
	}
	if c.label() != "" && !c.in.Host.SELinux {
		c.fail("process.selinuxLabel", "SELinux is not enabled on this machine%s", hint)
	}
	if l := c.in.Spec.Linux; l != nil && l.MountLabel != "" && !c.in.Host.SELinux {
		c.fail("linux.mountLabel", "SELinux is not enabled on this machine%s", hint)
	}
	if kind := c.contextType(); !slices.Contains(contextTypes[:], kind) {
		c.fail("annotations."+AnnotationContextType, "found %q; allowed: %s", kind, strings.Join(contextTypes[:], ", "))
	}
}

// profile is the AppArmor profile that has to be set, "" if there is none to set.
func (c *compiler) profile() string {
	p := c.in.Spec.Process
	if p == nil || p.ApparmorProfile == unconfined && !c.in.Host.AppArmor {
		return ""
	}
	return p.ApparmorProfile
}

func (c *compiler) label() string {
	if p := c.in.Spec.Process; p != nil {
		return p.SelinuxLabel
	}
	return ""
}

func (c *compiler) setsLabels() bool { return c.profile() != "" || c.label() != "" }

// openLabels opens the procfs that labels are written through, while the
// caller's /proc can still be had where the kernel grants none of its own.
func (c *compiler) openLabels() {
	if !c.setsLabels() {
		return
	}
	c.step("", "open a procfs of keg's own to set the labels through")
	c.self()
}

// labels takes effect at execve. A process that has given up new privileges
// may not change to any profile, so this comes before; and one that forks
// passes it on.
func (c *compiler) labels() {
	if profile := c.profile(); profile != "" {
		c.step("process.apparmorProfile", "run the program under the AppArmor profile "+profile)
		c.writeAttribute("exec "+profile, "attr/apparmor/exec", "attr/exec") // the first since Linux 5.8
	}
	if label := c.label(); label != "" {
		c.step("process.selinuxLabel", "run the program with the SELinux label "+label)
		c.writeAttribute(label, "attr/exec")
	}
}

// closeProc lets go of the procfs: of a process that joins a container it is the
// host's, and the process is about to become the container's user.
func (c *compiler) closeProc() {
	if !c.proc.open {
		return
	}
	c.step("", "close the procfs")
	if c.proc.hasSelf {
		c.close(c.proc.self)
	}
	c.close(c.proc.fd)
}

// labelKeys says which label the keyrings get that are made from here on; ""
// leaves it to the policy.
func (c *compiler) labelKeys(label, title string) {
	c.step("process.selinuxLabel", title)
	c.writeAttribute(label, "attr/keycreate")
}

// writeAttribute writes to the first of the files that there is.
func (c *compiler) writeAttribute(text string, files ...string) {
	self, have := c.self(), c.b.NewLabel()
	for i, file := range files {
		next := c.b.NewLabel()
		open := c.procFile(self, file)
		open.Next = have
		if i+1 < len(files) {
			open.On[0] = program.Branch{Errno: enoent, To: next}
		}
		c.b.Add(open)
		c.b.Mark(next)
	}
	c.b.Mark(have)
	c.write(c.probe.Load(), text)
	c.close(c.probe)
}

// self is the process's own directory in the private procfs. "self" is a
// symbolic link itself, the only one that is followed.
func (c *compiler) self() program.Arg {
	if c.proc.hasSelf {
		return c.proc.self.Load()
	}
	proc := c.privateProc()
	c.proc.self, c.proc.hasSelf = c.b.NewSlot("self"), true
	c.b.Add(c.openat2(proc, "self", linux.O_PATH|linux.O_DIRECTORY, linux.RESOLVE_NO_MAGIC|linux.RESOLVE_NO_XDEV|linux.RESOLVE_BENEATH, c.proc.self))
	return c.proc.self.Load()
}
