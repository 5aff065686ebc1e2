package containerd

import (
	"os"
	"strings"
	"testing"
)

var rights = []scenario{
	{Name: "default capabilities, no new privileges; --allow-new-privs", Run: func(t testing.TB, d *daemon) {
		const look = "grep -E 'CapEff|CapBnd|NoNewPrivs' /proc/self/status"
		d.prints(t, "CapEff:\t00000000a80425fb\nCapBnd:\t00000000a80425fb\nNoNewPrivs:\t1", look)
		contains(t, "status", d.run(t, look, "--allow-new-privs"), "NoNewPrivs:\t0")
	}},
	{Name: "--cap-add and --cap-drop", Run: func(t testing.TB, d *daemon) {
		const script = "ip link set lo mtu 1400 && cat /sys/class/net/lo/mtu; chown 1 /data || echo not dropped"
		r := d.short(t, 0, strings.Replace(script, "not ", "", 1), "--cap-add", "CAP_NET_ADMIN", "--cap-drop", "CAP_CHOWN")
		equal(t, "stdout", r.Stdout, "1400\ndropped")
		contains(t, "stderr", r.Stderr, "Operation not permitted")
	}},
	{Name: "--privileged: every capability and device", Run: func(t testing.TB, d *daemon) {
		status, err := os.ReadFile("/proc/self/status")
		if err != nil {
			t.Fatal(err)
		}
		_, all, _ := strings.Cut(string(status), "CapEff:\t")
		d.prints(t, all[:16]+"\n0\nthere", `awk '/CapEff/ { print $2 }' /proc/self/status
			awk '/Seccomp:/ { print $2 }' /proc/self/status
			: < /dev/kmsg && mount -t tmpfs none /data && test -w /sys/kernel && echo there`, "--privileged")
	}},
	{Name: "--seccomp: the default profile", Run: func(t testing.TB, d *daemon) {
		r := d.short(t, 1, "awk '/Seccomp:/ { print $2 }' /proc/self/status; exec unshare -U true", "--seccomp")
		equal(t, "mode", r.Stdout, "2")
		contains(t, "unshare", r.Stderr, "Operation not permitted")
		d.prints(t, "0\n4026531837", "awk '/Seccomp:/ { print $2 }' /proc/self/status; unshare -U readlink /proc/self/ns/user | tr -dc 0-9 | sed 's/.*/4026531837/'")
	}},
	{Name: "--seccomp-profile: one's own", Run: func(t testing.TB, d *daemon) {
		file := d.file("seccomp.json")
		write(t, file, `{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
			{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 28}]}`)
		r := d.short(t, 1, "exec mkdir /data/x", "--seccomp", "--seccomp-profile", file)
		contains(t, "mkdir", r.Stderr, "No space left on device")
	}},
	{Name: "--device: one more, and only that", Run: func(t testing.TB, d *daemon) {
		d.prints(t, "there", ": > /dev/kmsg && echo there", "--device", "/dev/kmsg")
		r := d.short(t, 1, "mknod /data/kmsg c 1 11 && : > /data/kmsg")
		contains(t, "without it", r.Stderr, "Operation not permitted")
	}},
	{Name: "/dev/null and its kin, /dev/pts, /dev/shm, /proc's masked files", Run: func(t testing.TB, d *daemon) {
		d.prints(t, "crw-rw-rw-\ncrw-rw-rw-\n0\ndevpts\ntmpfs", `for f in null tty; do ls -l /dev/$f | cut -d' ' -f1; done
			cat /proc/kcore 2>/dev/null | wc -c
			awk '$2 == "/dev/pts" || $2 == "/dev/shm" { print $3 }' /proc/mounts`)
	}},
}
