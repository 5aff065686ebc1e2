package bundle

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"syscall"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"

	"github.com/keg-project/keg/linux"
)

// kind is the type of link that is made; "": an existing one is moved.
func (i *Interface) kind() string {
	if i.Add == "" && i.Peer != "" {
		return "veth"
	}
	return i.Add
}

// inside is what the interface is called in the container.
func (i *Interface) inside() string {
	if i.Rename != "" {
		return i.Rename
	}
	return i.Name
}

// network is the machine's network namespace and the container's, which may be
// the same.
type network struct {
	machine, container side
	former             side // of an earlier container of the bundle, if that was kept
	pid                int
}

// side is a network namespace with a connection to the kernel in it.
type side struct {
	*netlink.Handle
	namespace *os.File
}

func (s *side) fd() int { return int(s.namespace.Fd()) }

func dialNetwork(pid int, former *os.File) (*network, error) {
	n := &network{pid: pid}
	err := n.machine.dial("/proc/thread-self/ns/net")
	if err == nil {
		err = n.container.dial("/proc/" + strconv.Itoa(pid) + "/ns/net")
	}
	if err == nil && former != nil {
		err = n.former.dial(linux.SelfFD(former))
	}
	if err != nil {
		return nil, errors.Join(err, n.Close())
	}
	return n, nil
}

func (s *side) dial(file string) (err error) {
	if s.namespace, err = os.Open(file); err != nil {
		return err
	}
	if s.Handle, err = netlink.NewHandleAt(netns.NsHandle(s.fd()), syscall.NETLINK_ROUTE); err != nil {
		return fmt.Errorf("netlink in %s: %w", file, err)
	}
	return nil
}

// Close closes what there is.
func (n *network) Close() error {
	for _, s := range []*side{&n.machine, &n.container, &n.former} {
		if s.Handle != nil {
			s.Handle.Close()
		}
		s.namespace.Close()
	}
	return nil
}

// links makes, moves and configures all interfaces.
func (s *setup) links(pid int) error {
	n, err := dialNetwork(pid, s.former)
	if err != nil {
		return s.field("interfaces", err)
	}
	s.undo.hold(n)
	for i := range s.bundle.Runtime.Interfaces {
		l := &s.bundle.Runtime.Interfaces[i]
		if err := s.link(n, l); err != nil {
			return s.field(at("interfaces", i), fmt.Errorf("%s: %w", l.Name, err))
		}
	}
	return nil
}

func (s *setup) link(n *network, l *Interface) error {
	there, err := n.container.LinkByName(l.inside())
	if err != nil && !isNotFound(err) {
		return err
	}
	switch {
	case l.kind() == "":
		err = s.moveLink(n, l, there != nil)
	case there != nil && n.again(l, there):
		s.say("Found interface %s type %s", l.Name, l.kind())
		err = nil
	default:
		err = s.addLink(n, l)
	}
	if err != nil {
		return err
	}
	return n.configure(l)
}

// again tells whether a link in the container's namespace is the one that is
// asked for, from an earlier run: the namespace was kept, or is the machine's.
func (n *network) again(l *Interface, there netlink.Link) bool {
	if there.Type() != l.kind() {
		return false
	}
	if l.kind() != "veth" {
		return true
	}
	_, err := n.machine.LinkByName(l.Peer)
	return err == nil
}

// configure does what LinuxKit leaves to the container.
func (n *network) configure(l *Interface) error {
	if l.MTU == 0 && len(l.Address) == 0 && !l.Up {
		return nil
	}
	link, err := n.container.LinkByName(l.inside())
	if err != nil {
		return err
	}
	if l.MTU != 0 {
		if err := n.container.LinkSetMTU(link, int(l.MTU)); err != nil {
			return fmt.Errorf("mtu %d: %w", l.MTU, err)
		}
	}
	for _, text := range l.Address {
		address, err := netlink.ParseAddr(text)
		if err == nil {
			err = n.container.AddrReplace(link, address)
		}
		if err != nil {
			return fmt.Errorf("address %s: %w", text, err)
		}
	}
	if l.Up {
		if err := n.container.LinkSetUp(link); err != nil {
			return fmt.Errorf("up: %w", err)
		}
	}
	return nil
}

func isNotFound(err error) bool {
	var none netlink.LinkNotFoundError
	return errors.As(err, &none)
}
