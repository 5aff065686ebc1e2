package podman

import (
	"testing"
)

func rootsDevices() []scenario {
	return []scenario{
		{Name: "--device, with what may be done to it", Run: rootsDevice},
		{Name: "--device-cgroup-rule", Run: deviceRule},
		{Name: "--mount with bind-propagation", Run: propagation},
		{Name: "devices that were not given", Run: otherDevices},
	}
}

const tryKmsg = "stat -c %t:%T /dev/mine; (: >/dev/mine) 2>/dev/null && echo written || echo refused"

func rootsDevice(t testing.TB, p *podman) {
	p.prints(t, "1:b\nwritten\n", tryKmsg, "--device", "/dev/kmsg:/dev/mine")
	p.prints(t, "1:b\nrefused\n", tryKmsg, "--device", "/dev/kmsg:/dev/mine:r")
}

const makeKmsg = "mknod /dev/mine c 1 11; "

func otherDevices(t testing.TB, p *podman) {
	p.prints(t, "1:b\nrefused\n", makeKmsg+tryKmsg, "--cap-add", "mknod")

}

func deviceRule(t testing.TB, p *podman) {
	p.prints(t, "1:b\nwritten\n", makeKmsg+tryKmsg, "--cap-add", "mknod", "--device-cgroup-rule", "c 1:11 w")
	p.prints(t, "1:b\nrefused\n", makeKmsg+tryKmsg, "--cap-add", "mknod", "--device-cgroup-rule", "c 1:11 r")
}
