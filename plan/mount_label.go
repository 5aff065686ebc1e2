package plan

import (
	"cmp"
	"slices"
	"strings"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/program"
)

// AnnotationContextType names the option that linux.mountLabel is given by:
// context, which is the default, fscontext, defcontext or rootcontext. crun's.
const AnnotationContextType = "run.oci.mount_context_type"

var contextTypes = [...]string{"context", "fscontext", "defcontext", "rootcontext"}

// contextType is the value of the annotation, which checkLabels has checked.
func (c *compiler) contextType() string {
	return cmp.Or(c.in.Spec.Annotations[AnnotationContextType], contextTypes[0])
}

// labelFrom says how a file system gets its SELinux label.
type labelFrom uint8

const (
	noLabel     labelFrom = iota // it labels its files itself, or is a bind of what has labels
	byOption                     // a mount option
	byAttribute                  // mqueue knows no such option: an extended attribute of its root
)

func labelOf(fsType string) labelFrom {
	switch fsType {
	case "proc", "sysfs", "cgroup", "cgroup2":
		return noLabel
	case "mqueue":
		return byAttribute
	}
	return byOption
}

// mountLabel is the label of the file systems that the container makes.
func (c *compiler) mountLabel() string {
	if l := c.in.Spec.Linux; l != nil {
		return l.MountLabel
	}
	return ""
}

// labelMount adds the label to what a mount is asked for.
func (c *compiler) labelMount(m *mount) {
	if c.mountLabel() == "" || m.bind || m.remount || m.dataHas(c.contextType()) {
		return
	}
	switch labelOf(m.Type) {
	case byOption:
		m.data = append(m.data, c.labelOption())
	case byAttribute:
		m.rootLabel = c.mountLabel()
	}
}

// labelOption is the label as an option, "" without one. The quotes keep its
// commas from separating options.
func (c *compiler) labelOption() string {
	if c.mountLabel() == "" {
		return ""
	}
	return c.contextType() + `="` + c.mountLabel() + `"`
}

// setRootLabel labels the root of a new file system. Descriptors that are
// O_PATH have no attributes. SELinux wants no NUL, and takes one.
func (c *compiler) setRootLabel(m *mount) {
	if m.rootLabel == "" {
		return
	}
	c.b.Add(c.openat(c.tree.Load(), ".", linux.O_RDONLY|linux.O_DIRECTORY, c.probe))
	c.call(program.Fsetxattr, c.probe.Load(), c.b.Text("security.selinux"), c.b.Text(m.rootLabel), program.N(len(m.rootLabel)), program.N(0))
	c.close(c.probe)
}

// unquoted is an option without the quotes that keep the commas of an SELinux
// label from separating options: fsconfig(2) takes one option at a time.
func unquoted(word string) string {
	key, value, _ := strings.Cut(word, "=")
	if slices.Contains(contextTypes[:], key) {
		return key + "=" + strings.ReplaceAll(value, `"`, "")
	}
	return word
}
