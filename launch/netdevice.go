package launch

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strconv"
	"syscall"

	"github.com/keg-project/keg/linux"
)

// moveDevice moves a network device into the network namespace of the
// container's init, and brings it up there with the addresses that it had: the
// kernel keeps the hardware address and the MTU, but not those.
// runtime-spec config-linux.md#network-devices
func moveDevice(name, newName string, pid int) error {
	// The pid is the init's for sure: keg is its parent and has not reaped it.
	there, err := os.Open("/proc/" + strconv.Itoa(pid) + "/ns/net")
	if err != nil {
		return err
	}
	defer there.Close()
	index, err := linkIndex(name)
	if err != nil {
		return deviceError("find it", err)
	}
	addresses, err := addressesOf(index)
	if err != nil {
		return deviceError("read its addresses", err)
	}
	body := linkMessage(index, 0, syscall.IFF_UP)
	body = appendAttr(body, iflaNetNSFD, binary.NativeEndian.AppendUint32(nil, uint32(there.Fd())))
	body = appendAttr(body, syscall.IFLA_IFNAME, append([]byte(newName), 0))
	if err := request(syscall.RTM_NEWLINK, 0, body); err != nil {
		return deviceError("move it", err)
	}
	return inNetwork(there, func() error { return bringUp(newName, addresses) })
}

// bringUp gives a device its addresses, then brings it up: routes follow.
func bringUp(name string, addresses []address) error {
	index, err := linkIndex(name)
	if err != nil {
		return deviceError("find it", err)
	}
	for _, a := range addresses {
		const flags = syscall.NLM_F_CREATE | syscall.NLM_F_REPLACE
		if err := request(syscall.RTM_NEWADDR, flags, addressMessage(index, a)); err != nil {
			return deviceError("give it an address that it had", err)
		}
	}
	err = request(syscall.RTM_NEWLINK, 0, linkMessage(index, syscall.IFF_UP, syscall.IFF_UP))
	return deviceError("bring it up", err)
}

// inNetwork runs f on a thread in another network namespace.
func inNetwork(there *os.File, f func() error) error {
	return linux.OnThread(func() error {
		if err := linux.Setns(there, syscall.CLONE_NEWNET); err != nil {
			return err
		}
		return f()
	})
}

// deviceError is wrapped in the step, which names the device.
func deviceError(what string, err error) error {
	hint := ""
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.ENODEV):
		hint = " (hint: `ip link` lists the devices of the namespace that keg runs in)"
	case errors.Is(err, syscall.EEXIST):
		hint = " (hint: the container has a device of that name already: give it another in linux.netDevices)"
	case errors.Is(err, syscall.EPERM):
		hint = " (hint: this needs CAP_NET_ADMIN in both network namespaces)"
	case errors.Is(err, syscall.EINVAL):
		hint = " (hint: devices such as lo and bridges belong to their network namespace and cannot move)"
	}
	return fmt.Errorf("%s: %w%s", what, err, hint)
}
