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
	return n.dying(peer) && n.gone(l.Peer)
}

// dying tells whether the other end is in a namespace that has come to its end:
// the kernel takes a while to remove what is in it. Of such a one it has no number
// any more. peernet2id in net/core/net_namespace.c
func (n *network) dying(peer netlink.Link) bool {
	a := peer.Attrs()
	if a.NetNsID >= 0 {
		return false
	}
	other, err := n.machine.LinkByIndex(a.ParentIndex)
	return err != nil || other.Attrs().ParentIndex != a.Index // or both are on the machine
}

// gone waits for the end of what is dying.
func (n *network) gone(name string) bool {
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if _, err := n.machine.LinkByName(name); isNotFound(err) {
			return true
		}
	}
	return false
}
