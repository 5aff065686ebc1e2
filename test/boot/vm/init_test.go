package vm

import "testing"

// What the machine looks like to the scripts of /etc/init.d, and how it ends.
func TestInit(t *testing.T) {
	m := newMachine(t)
	m.busybox()
	m.kernel.add(t, &m.initramfs, "virtio_pci", "virtio_net", "virtio_blk", "overlay", "veth", "dummy")
	m.link("/bin/modprobe", "/init")
	m.append = "keg.grace=5"
	disk := m.disk()
	m.qemu = append(m.qemu, "-netdev", "user,id=n,restrict=on", "-device", "virtio-net-pci,netdev=n,mac=52:54:00:12:34:56")
	m.link("/etc/resolv.conf", "/run/resolvconf/resolv.conf")
	m.file("/etc/init.d/005-not-executable", 0o644, []byte("#!/bin/sh\necho must not run\n"))
	m.script("/etc/init.d/000-look", look)
	m.script("/etc/init.d/010-fails", "exit 3\n")
	m.script("/etc/init.d/020-orphan", "(sleep 0.1 & echo $! >/run/orphan) & wait\n")
	m.script("/etc/init.d/030-daemons", daemons)
	m.script("/etc/init.d/040-end", "until [ -e /run/polite ] && [ -e /run/stubborn ]; do sleep 0.1; done\n"+
		"i=0; while [ -e /proc/$(cat /run/orphan) ] && [ $i -lt 100 ]; do sleep 0.1; i=$((i+1)); done\n"+
		"[ -e /proc/$(cat /run/orphan) ] && echo orphan: not reaped || echo orphan: reaped\nkill -USR2 1; sleep 100\n")
	m.script("/etc/shutdown.d/000-first", "echo shutdown.d: first\ngrep -q ' /var/disk ' /proc/mounts && echo shutdown.d: with the disk\n")
	m.script("/etc/shutdown.d/010-second", "echo shutdown.d: second\n")
	c := m.boot()
	c.wants(
		`keg is process 1`,
		`^root: tmpfs`, `^init: no file twice`, `^proc 1: init`,
		`^hostname: linuxkit-525400123456`, `^limit: 1048576`, `^lo: .*UP`, `^resolv.conf: 0`,
		`^net: eth0`, `^overlay: works`, `^veth: works`,
		`^insmod /lib/modules/.*/dummy.ko numdummies=2$`, `^dummies: dummy0 dummy1$`, `^no such module: 1$`, `^keg: .*-r: keg loads modules`, `^cgroup: cgroup2`, `^disk: works`, `^shared: yes`,
		`005-not-executable: .*permission denied`, `010-fails: exit status 3`,
	)
	c.wants(`^orphan: reaped`, `power off`, `^shutdown.d: first`, `^shutdown.d: with the disk`, `^shutdown.d: second`, `^polite: TERM`, `killed after 5s: .*"sh"`, `power off now`)
	c.lacks("must not run", "Kernel panic", "panic:", "could not be unmounted")
	disk.clean()
}

// A machine with nothing to run says so, and reboots: qemu ends then.
func TestRescueWithoutShell(t *testing.T) {
	m := newMachine(t)
	m.append = "keg.rescue=1"
	c := m.boot()
	c.wants(`process 1 cannot go on: nothing to run: there is neither /etc/init.d nor /containers`, `reboot in 1s`)
	c.lacks("Kernel panic", "a shell for rescue")
}

func TestRescueShell(t *testing.T) {
	m := newMachine(t)
	m.busybox()
	m.prompt = "a shell for rescue"
	m.append = "linuxkit.unified_cgroup_hierarchy=0"
	m.input = "echo the shell is process $$ of $(cat /proc/1/comm)\necho hierarchies: $(ls /sys/fs/cgroup)\nexit\n"
	c := m.boot()
	c.wants(`process 1 cannot go on: nothing to run`, `a shell for rescue`, `^the shell is process [0-9]+ of init`, `^hierarchies: .*cpuset.* memory .*systemd`, `reboot in 0s`)
	c.lacks("Kernel panic", "job control turned off")
}

// look prints what the mount table, drivers and settings have come to.
const look = `
echo root: $(stat -f -c %T /)
[ "$(stat -c %i /init)" = "$(stat -L -c %i /proc/1/exe)" ] && echo init: no file twice
echo proc 1: $(cat /proc/1/comm)
echo hostname: $(hostname)
echo limit: $(ulimit -n)
echo lo: $(ip link show lo)
echo resolv.conf: $(wc -c </etc/resolv.conf)
echo net: $(ls /sys/class/net)
mkdir -p /tmp/a /tmp/b /tmp/c /tmp/d
mount -t overlay -o lowerdir=/tmp/a,upperdir=/tmp/b,workdir=/tmp/c o /tmp/d && echo overlay: works
umount /tmp/d
ip link add v0 type veth peer name v1 && echo veth: works
/bin/modprobe -v dummy numdummies=2
echo dummies: $(cd /sys/class/net; ls -d dummy*)
/bin/modprobe -abq dummy no-such-module; echo no such module: $?
/bin/modprobe -r dummy 2>&1
echo cgroup: $(stat -f -c %t /sys/fs/cgroup | grep -q 63677270 && echo cgroup2)
mke2fs -F /dev/vda >/dev/null && mkdir /var/disk && mount -t ext4 /dev/vda /var/disk && echo disk: works
mkdir /var/disk/deep && mount -t tmpfs deep /var/disk/deep && echo >/var/disk/deep/file
grep -q ' / / .*shared:' /proc/self/mountinfo && echo shared: yes
`

// daemons: one ends politely, the other not at all.
const daemons = `
setsid sh -c 'trap "echo polite: TERM; exit" TERM; echo >/run/polite; while :; do sleep 0.1; done' &
setsid sh -c 'trap "" TERM; echo >/run/stubborn; while :; do sleep 0.1; done' &
`
