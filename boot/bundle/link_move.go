package bundle

import (
	"errors"
	"fmt"
	"net"
	"strconv"

	"github.com/vishvananda/netlink"
)

// moveLink moves a link of the machine's. It may have been moved by an earlier
// run, if the container's namespace was kept.
func (s *setup) moveLink(n *network, l *Interface, there bool) error {
	from := &n.machine
	link, err := n.machine.LinkByName(l.Name)
	if isNotFound(err) && there {
		s.say("Found interface %s", l.inside())
		return nil
	}
	if isNotFound(err) && n.former.Handle != nil {
		from = &n.former
		link, err = from.LinkByName(l.inside())
	}
	if err != nil {
		return err
	}
	was := link.Attrs()
	if was.Name == l.inside() {
		err = from.LinkSetNsFd(link, n.container.fd())
	} else {
		err = n.carry(from, &n.container, link, l.inside())
	}
	if err != nil {
		return errors.Join(fmt.Errorf("move into the container's network namespace: %w", err), from.restore(was))
	}
	s.undo.add(func() error { return n.bringBack(from, was, l.inside()) })
	s.say("Moved interface %s to pid %d", l.Name, n.pid)
	return nil
}

// passing is a name for a link on its way, which is in nobody's.
func (n *network) passing() string { return "kegmove" + strconv.Itoa(n.pid) }

// carry moves a link to another namespace and name, so that neither name has to
// be free at the other end. It is down then, as the kernel wants it for that.
func (n *network) carry(from, to *side, link netlink.Link, name string) error {
	was := link.Attrs().Name
	if err := from.LinkSetDown(link); err != nil {
		return err
	}
	if err := from.LinkSetName(link, n.passing()); err != nil {
		return err
	}
	if err := from.LinkSetNsFd(link, to.fd()); err != nil {
		return errors.Join(err, from.LinkSetName(link, was))
	}
	moved, err := to.LinkByName(n.passing())
	if err != nil {
		return err
	}
	if err := to.LinkSetName(moved, name); err != nil {
		err = fmt.Errorf("name %s: %w", name, err)
		return errors.Join(err, to.LinkSetNsFd(moved, from.fd()), from.rename(n.passing(), was))
	}
	return nil
}

func (s *side) rename(name, to string) error {
	link, err := s.LinkByName(name)
	if err != nil {
		return err
	}
	return s.LinkSetName(link, to)
}

// bringBack gives the side that a link was taken from the link as it was.
func (n *network) bringBack(to *side, was *netlink.LinkAttrs, name string) error {
	link, err := n.container.LinkByName(name)
	if err == nil {
		err = n.carry(&n.container, to, link, was.Name)
	}
	if err == nil {
		err = to.restore(was)
	}
	if err != nil {
		return fmt.Errorf("bring interface %s back: %w", was.Name, err)
	}
	return nil
}

// restore sets what moving has changed of a link that is back.
func (s *side) restore(was *netlink.LinkAttrs) error {
	link, err := s.LinkByName(was.Name)
	if err == nil && link.Attrs().MTU != was.MTU {
		err = s.LinkSetMTU(link, was.MTU)
	}
	if err == nil && was.Flags&net.FlagUp != 0 {
		err = s.LinkSetUp(link)
	}
	return err
}
