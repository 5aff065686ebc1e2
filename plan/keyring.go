package plan

import (
	"strconv"
	"syscall"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/program"
)

// keyringRights: whoever holds the keyring may do anything with it. Its user may
// also search it, which is what joining by name takes: so `exec` gets the same
// keyring and not another one of that name. keyctl(2), KEYCTL_SETPERM
const keyringRights = linux.KEY_POS_ALL | linux.KEY_USR_VIEW | linux.KEY_USR_READ | linux.KEY_USR_SEARCH | linux.KEY_USR_LINK

// keyringName has the time of the container's creation in it: a keyring is joined
// by name whoever has made it, be it another container of this id below another
// --root, or one that lies in wait for this one's keys.
func keyringName(id string, created int64) string {
	name := "_ses." + id
	if created != 0 {
		name += "." + strconv.FormatInt(created, 36)
	}
	return name
}

// joinKeyring gives the container a session keyring of its own, named after
// it, so that the caller's keys are not reachable. It is that of the user
// namespace's root, of whom every process of the container is one when it
// joins. Kernels without keyrings have none to reach. session-keyring(7)
func (c *compiler) joinKeyring() {
	if c.in.NoNewKeyring {
		return
	}
	if c.label() != "" {
		c.labelKeys(c.label(), "give new keyrings the SELinux label "+c.label())
	}
	c.step("", "join a session keyring of the container's own")
	done := c.b.NewLabel()
	join := op(program.Keyctl, program.Named(linux.KEYCTL_JOIN_SESSION, "KEYCTL_JOIN_SESSION_KEYRING"), c.b.Text(keyringName(c.in.ID, c.in.Created)))
	join.Store, join.On[0] = c.probe, program.Branch{Errno: syscall.ENOSYS, To: done}
	c.b.Add(join)
	c.call(program.KeySetperm, program.Named(linux.KEYCTL_SETPERM, "KEYCTL_SETPERM"), c.probe.Load(), program.N(keyringRights))
	c.b.Mark(done)
	if c.label() != "" {
		c.labelKeys("", "give later keyrings no label of their own")
	}
}
