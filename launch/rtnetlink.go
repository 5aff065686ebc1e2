package launch

import (
	"encoding/binary"
	"os"
	"strings"
	"syscall"
)

// What keg asks of rtnetlink(7) is little: to move a link, to give it addresses
// and to bring it up. A library for all of it links package net and cost each
// start of keg some 80 µs, used or not.

const (
	iflaNetNSFD   = 28 // linux/if_link.h
	ifaFlags      = 8  // linux/if_addr.h
	scopeUniverse = 0
	permanent     = 0x80
	alignment     = 4
)

// address is one that is kept when its device moves.
type address struct {
	family, prefix byte
	attrs          []syscall.NetlinkRouteAttr // IFA_ADDRESS, IFA_LOCAL, IFA_BROADCAST, flags
}

// linkIndex finds a device of the calling thread's network namespace.
func linkIndex(name string) (int32, error) {
	messages, err := dump(syscall.RTM_GETLINK)
	if err != nil {
		return 0, err
	}
	for i := range messages {
		attrs, err := syscall.ParseNetlinkRouteAttr(&messages[i])
		if messages[i].Header.Type != syscall.RTM_NEWLINK || err != nil {
			continue
		}
		for _, a := range attrs {
			if a.Attr.Type == syscall.IFLA_IFNAME && strings.TrimRight(string(a.Value), "\x00") == name {
				return int32(binary.NativeEndian.Uint32(messages[i].Data[4:])), nil
			}
		}
	}
	return 0, syscall.ENODEV
}

// addressesOf lists the addresses that someone gave to a device. Those that the
// kernel made itself, it makes again.
func addressesOf(index int32) ([]address, error) {
	messages, err := dump(syscall.RTM_GETADDR)
	if err != nil {
		return nil, err
	}
	var list []address
	for i := range messages {
		m := &messages[i]
		if m.Header.Type != syscall.RTM_NEWADDR || int32(binary.NativeEndian.Uint32(m.Data[4:])) != index {
			continue
		}
		attrs, err := syscall.ParseNetlinkRouteAttr(m)
		if err != nil {
			return nil, err
		}
		if m.Data[2]&permanent != 0 && m.Data[3] == scopeUniverse { // struct ifaddrmsg
			list = append(list, address{m.Data[0], m.Data[1], keptAttrs(attrs)})
		}
	}
	return list, nil
}

func keptAttrs(attrs []syscall.NetlinkRouteAttr) []syscall.NetlinkRouteAttr {
	var kept []syscall.NetlinkRouteAttr
	for _, a := range attrs {
		switch a.Attr.Type {
		case syscall.IFA_ADDRESS, syscall.IFA_LOCAL, syscall.IFA_BROADCAST, ifaFlags:
			kept = append(kept, a)
		}
	}
	return kept
}

func dump(kind int) ([]syscall.NetlinkMessage, error) {
	data, err := syscall.NetlinkRIB(kind, syscall.AF_UNSPEC)
	if err != nil {
		return nil, os.NewSyscallError("rtnetlink", err)
	}
	return syscall.ParseNetlinkMessage(data)
}

// request sends one message in the calling thread's network namespace, and
// returns what the kernel answers. netlink(7), NLM_F_ACK
func request(kind, flags uint16, body []byte) error {
	fd, err := syscall.Socket(syscall.AF_NETLINK, syscall.SOCK_RAW|syscall.SOCK_CLOEXEC, syscall.NETLINK_ROUTE)
	if err != nil {
		return os.NewSyscallError("socket", err)
	}
	defer syscall.Close(fd)
	e := binary.NativeEndian
	msg := e.AppendUint32(nil, uint32(syscall.NLMSG_HDRLEN+len(body)))
	msg = e.AppendUint16(msg, kind)
	msg = e.AppendUint16(msg, flags|syscall.NLM_F_REQUEST|syscall.NLM_F_ACK)
	msg = e.AppendUint64(msg, 1) // sequence number, port
	msg = append(msg, body...)
	if err := syscall.Sendto(fd, msg, 0, &syscall.SockaddrNetlink{Family: syscall.AF_NETLINK}); err != nil {
		return os.NewSyscallError("sendto", err)
	}
	reply := make([]byte, 4096)
	n, _, err := syscall.Recvfrom(fd, reply, 0)
	if err != nil {
		return os.NewSyscallError("recvfrom", err)
	}
	if n < syscall.NLMSG_HDRLEN+4 || e.Uint16(reply[4:]) != syscall.NLMSG_ERROR {
		return syscall.EBADMSG
	}
	if code := int32(e.Uint32(reply[syscall.NLMSG_HDRLEN:])); code != 0 {
		return syscall.Errno(-code)
	}
	return nil
}

// linkMessage is struct ifinfomsg.
func linkMessage(index int32, flags, change uint32) []byte {
	e := binary.NativeEndian
	b := e.AppendUint32([]byte{syscall.AF_UNSPEC, 0, 0, 0}, uint32(index))
	return e.AppendUint32(e.AppendUint32(b, flags), change)
}

// addressMessage is struct ifaddrmsg with the attributes.
func addressMessage(index int32, a address) []byte {
	b := binary.NativeEndian.AppendUint32([]byte{a.family, a.prefix, permanent, scopeUniverse}, uint32(index))
	for _, attr := range a.attrs {
		b = appendAttr(b, attr.Attr.Type, attr.Value)
	}
	return b
}

// appendAttr appends a struct rtattr, padded.
func appendAttr(b []byte, kind uint16, value []byte) []byte {
	e := binary.NativeEndian
	b = e.AppendUint16(b, uint16(syscall.SizeofRtAttr+len(value)))
	b = append(e.AppendUint16(b, kind), value...)
	for len(b)%alignment != 0 {
		b = append(b, 0)
	}
	return b
}
