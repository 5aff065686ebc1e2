package bundle

import (
	"time"

	"github.com/vishvananda/netlink"
)

// removeFormer removes the pair that an earlier container of the bundle has had,
// whose end on the machine has the name of the new one's. It tells whether that
// name may be free now.
func (n *network) removeFormer(l *Interface) bool {
	peer, err := n.machine.LinkByName(l.Peer)
	if err != nil {
		return isNotFound(err)
	}
	if peer.Type() != "veth" {
		return false
	}
	if n.former.Handle != nil {
		end, err := n.former.LinkByName(l.Name)
		if err == nil && end.Attrs().ParentIndex == peer.Attrs().Index {
			return n.machine.LinkDel(peer) == nil
		}
	}
	return !n.own(peer) && n.gone(l.Peer, patience(peer))
}

// own tells whether both ends are on the machine. Numbers of links are a
// namespace's: the other end's may be the peer's own.
func (n *network) own(peer netlink.Link) bool {
	a := peer.Attrs()
	if a.NetNsID >= 0 {
		return false
	}
	other, err := n.machine.LinkByIndex(a.ParentIndex)
	return err == nil && a.ParentIndex != a.Index && other.Attrs().ParentIndex == a.Index
}

// patience is for the kernel to remove what was in a namespace that has come to
// its end. Such a one loses its number some time after that; where it has one, the
// name is more likely to be another container's. cleanup_net in
// net/core/net_namespace.c
func patience(peer netlink.Link) time.Duration {
	if peer.Attrs().NetNsID >= 0 {
		return time.Second
	}
	return 5 * time.Second
}

// gone waits for the end of what is dying.
func (n *network) gone(name string, patience time.Duration) bool {
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if _, err := n.machine.LinkByName(name); isNotFound(err) {
			return true
		}
	}
	return false
}
