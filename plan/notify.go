package plan

import (
	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/linux"
)

// notifyPath is where the container finds the socket of keg's caller: where it
// finds runc's.
const notifyPath = "/run/notify/notify.sock"

// notifySocket has what the program says by sd_notify(3) reach keg's caller: the
// socket itself is bound into the container, so nobody has to pass messages on.
func (c *compiler) notifySocket() {
	s := c.in.NotifySocket
	switch {
	case s == "":
	case s[0] == '@' && !c.ns.has(linux.CLONE_NEWNET):
		c.notify = s // an abstract name: every process of the network namespace reaches it. unix(7)
	case s[0] == '@':
		c.warn("NOTIFY_SOCKET", s+" is an abstract socket, out of reach in another network namespace: the container gets none")
	case s[0] != '/':
		c.warn("NOTIFY_SOCKET", s+" is neither an absolute path nor an abstract socket: the container gets none")
	case !c.ns.isNew(linux.CLONE_NEWNS) || c.in.Spec.Root == nil:
		c.warn("NOTIFY_SOCKET", "without a mount namespace of its own the container gets none")
	default:
		c.bindNotifySocket(s)
	}
}

// bindNotifySocket: read-only, a socket can be sent to, but not be given other
// permissions.
func (c *compiler) bindNotifySocket(source string) {
	c.step("NOTIFY_SOCKET", "bind "+source+" on "+notifyPath)
	m := mount{
		Mount: &oci.Mount{Source: source, Destination: notifyPath, Options: []string{"bind", "ro", "nosuid", "nodev", "noexec"}},
		field: "NOTIFY_SOCKET",
	}
	m.mountOptions = parseMountOptions(m.Mount)
	c.bind(&m)
	c.notify = notifyPath
}
