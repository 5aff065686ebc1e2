package bundle

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/vishvananda/netlink"
)

// addLink makes a link where the container's is to be, so that it may have a
// name there that is taken on the machine.
func (s *setup) addLink(n *network, l *Interface) error {
	kind := l.kind()
	attributes := netlink.NewLinkAttrs()
	attributes.Name = l.Name
	if err := n.parent(l, &attributes); err != nil {
		return err
	}
	if l.CreateInRoot && kind != "veth" || n.onMachineAlone(l.Name) {
		return s.addAndMove(n, l, attributes)
	}
	attributes.Namespace = netlink.NsFd(n.container.fd())
	if err := n.add(l, newLink(l, attributes)); err != nil {
		return err
	}
	s.undo.add(func() error { return n.container.remove(l.Name) })
	s.say("Created interface %s type %s", l.Name, kind)
	if kind == "veth" {
		s.say("Moved interface %s to pid %d", l.Name, n.pid)
	}
	return nil
}

// onMachineAlone tells of a name that is free in the container, and that older
// kernels (6.1 is one) refuse nevertheless: they look for it where the link is
// asked for, not where it will be. rtnl_newlink in net/core/rtnetlink.c
func (n *network) onMachineAlone(name string) bool {
	if _, err := n.machine.LinkByName(name); err != nil {
		return false
	}
	_, err := n.container.LinkByName(name)
	return isNotFound(err)
}

// add asks the machine's namespace for a link.
func (n *network) add(l *Interface, link netlink.Link) error {
	err := n.machine.LinkAdd(link)
	if errors.Is(err, syscall.EEXIST) && l.kind() == "veth" && n.removeFormer(l) {
		err = n.machine.LinkAdd(link)
	}
	if err != nil {
		return addError(l.kind(), err)
	}
	return nil
}

// addAndMove makes a link on the machine, where it has a name of keg's until it
// is moved.
func (s *setup) addAndMove(n *network, l *Interface, attributes netlink.LinkAttrs) error {
	attributes.Name = n.passing()
	link := newLink(l, attributes)
	if err := n.add(l, link); err != nil {
		return err
	}
	s.say("Created interface %s type %s", l.Name, l.kind())
	if err := n.carry(&n.machine, &n.container, link, l.Name); err != nil {
		return errors.Join(err, n.machine.remove(attributes.Name))
	}
	s.undo.add(func() error { return n.container.remove(l.Name) })
	s.say("Moved interface %s to pid %d", l.Name, n.pid)
	return nil
}

// parent finds the link that a new one is on.
func (n *network) parent(l *Interface, a *netlink.LinkAttrs) error {
	if l.Parent == "" {
		return nil
	}
	parent, err := n.machine.LinkByName(l.Parent)
	if err != nil {
		return fmt.Errorf("parent %s: %w", l.Parent, err)
	}
	a.ParentIndex = parent.Attrs().Index
	return nil
}

// newLink: what has settings of its own gets those that need none of the
// network around it: a macvlan sees its neighbours on the parent.
func newLink(l *Interface, a netlink.LinkAttrs) netlink.Link {
	switch l.kind() {
	case "veth":
		return &netlink.Veth{LinkAttrs: a, PeerName: l.Peer}
	case "macvlan":
		return &netlink.Macvlan{LinkAttrs: a, Mode: netlink.MACVLAN_MODE_BRIDGE}
	case "macvtap":
		return &netlink.Macvtap{Macvlan: netlink.Macvlan{LinkAttrs: a, Mode: netlink.MACVLAN_MODE_BRIDGE}}
	case "ipvlan":
		return &netlink.IPVlan{LinkAttrs: a, Mode: netlink.IPVLAN_MODE_L2}
	case "ipvtap":
		return &netlink.IPVtap{IPVlan: netlink.IPVlan{LinkAttrs: a, Mode: netlink.IPVLAN_MODE_L2}}
	case "vlan":
		return &netlink.Vlan{LinkAttrs: a, VlanId: int(l.VLAN), VlanProtocol: netlink.VLAN_PROTOCOL_8021Q}
	}
	return &netlink.GenericLink{LinkAttrs: a, LinkType: l.Add}
}

func addError(kind string, err error) error {
	if errors.Is(err, syscall.EOPNOTSUPP) {
		return fmt.Errorf("add type %s: %w (hint: the kernel has no such type; is its module there?)", kind, err)
	}
	return fmt.Errorf("add type %s: %w", kind, err)
}

// remove: what is gone with its other end is gone.
func (s *side) remove(name string) error {
	link, err := s.LinkByName(name)
	if err == nil {
		err = s.LinkDel(link)
	}
	if err == nil || isNotFound(err) || errors.Is(err, syscall.ENODEV) {
		return nil
	}
	return fmt.Errorf("remove interface %s: %w", name, err)
}
