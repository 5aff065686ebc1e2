package plan

import (
	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/program"
)

// takeName has ps(1) show what waits there, instead of the number of the
// descriptor that the init was executed from. PR_SET_NAME in prctl(2)
func (c *compiler) takeName() {
	name := "keg-init"
	if c.join != nil {
		name = "keg-exec"
	}
	c.step("", "take the name "+name+", until the program's own")
	c.call(program.Prctl, program.N(linux.PR_SET_NAME), c.b.Text(name))
}

func (c *compiler) hostname() {
	if name := c.in.Spec.Hostname; name != "" {
		c.step("hostname", "set the host name to "+name)
		c.call(program.Sethostname, c.b.Text(name), program.N(len(name)))
	}
	if name := c.in.Spec.Domainname; name != "" {
		c.step("domainname", "set the domain name to "+name)
		c.call(program.Setdomain, c.b.Text(name), program.N(len(name)))
	}
}

// loopback sets the new network namespace's lo up, as every engine expects.
func (c *compiler) loopback() {
	if !c.ns.isNew(linux.CLONE_NEWNET) {
		return
	}
	c.step(c.nsField("network"), "set the loopback device up")
	socket := op(program.Socket, program.Named(linux.AF_INET, "AF_INET"), program.Named(linux.SOCK_DGRAM|linux.SOCK_CLOEXEC, "SOCK_DGRAM|SOCK_CLOEXEC"), program.N(0))
	socket.Store = c.probe
	c.b.Add(socket)
	ifreq := make([]byte, 40) // struct ifreq: name, then flags; netdevice(7)
	copy(ifreq, "lo")
	ifreq[16] = 1 | 0x40 // IFF_UP | IFF_RUNNING
	c.call(program.Ioctl, c.probe.Load(), program.N(linux.SIOCSIFFLAGS), c.b.Bytes(ifreq, "{lo, IFF_UP|IFF_RUNNING}"))
	c.close(c.probe)
}
