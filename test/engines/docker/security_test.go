package docker

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

const effective = "awk '/^CapEff/ {print $2}' /proc/self/status"

func capabilities(t testing.TB, d *daemon) {
	equal(t, "default", d.Run(t, effective, "--network", "none"), "00000000a80425fb")
	equal(t, "none", d.Run(t, effective, "--network", "none", "--cap-drop", "ALL"), "0000000000000000")
	equal(t, "two", d.Run(t, effective, "--network", "none", "--cap-drop", "ALL", "--cap-add", "CHOWN", "--cap-add", "NET_ADMIN"), "0000000000001001")
	equal(t, "a user's", d.Run(t, effective, "--network", "none", "-u", "user"), "0000000000000000")
	contains(t, "chown", say(d.Status(t, 1, command("run --rm --network none --cap-drop CHOWN", nil, "chown 5 /data")...)), "Operation not permitted")
	equal(t, "link", d.Run(t, "ip link set lo down && echo down", "--network", "none", "--cap-add", "NET_ADMIN"), "down")
}

// privileged: devices, mounts and sysctls are within reach. A test machine may itself
// lack a capability.
func privileged(t testing.TB, d *daemon) {
	out := d.Run(t, `mount -t tmpfs none /data && echo mounted; mknod /disk b 7 7 && test -b /disk && echo made
		echo there >/proc/sys/kernel/hostname && hostname; ls /dev/kmsg; `+effective, "--privileged", "--network", "none")
	equal(t, "privileged", out, "mounted\nmade\nthere\n/dev/kmsg\n"+effectiveHere(t))
}

func seccompProfile(t testing.TB, d *daemon) {
	file := filepath.Join(kegtest.TempDir(t), "profile.json")
	write(t, file, `{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 28}]}`)
	const script = "mkdir /made || true; unshare -U true && echo unshared"
	r := d.Status(t, 0, command("run --rm --network none", []string{"--security-opt", "seccomp=" + file}, script)...)
	equal(t, "FILE", r.Stdout, "unshared")
	contains(t, "FILE", r.Stderr, "No space left on device")
	equal(t, "unconfined", d.Run(t, script, "--network", "none", "--security-opt", "seccomp=unconfined"), "unshared")
	contains(t, "default", say(d.Status(t, 1, command("run --rm --network none", nil, script)...)), "Operation not permitted")
}

func noNewPrivileges(t testing.TB, d *daemon) {
	const script = "awk '/^NoNewPrivs/ {print $2}' /proc/self/status"
	equal(t, "without", d.Run(t, script, "--network", "none"), "0")
	equal(t, "with", d.Run(t, script, "--network", "none", "--security-opt", "no-new-privileges"), "1")
}

func ulimit(t testing.TB, d *daemon) {
	equal(t, "nofile, core", d.Run(t, "ulimit -Sn; ulimit -Hn; ulimit -c", "--network", "none", "--ulimit", "nofile=100:200", "--ulimit", "core=0"), "100\n200\n0")
}

func sysctl(t testing.TB, d *daemon) {
	equal(t, "in new namespaces", d.Run(t, "cat /proc/sys/net/ipv4/ip_unprivileged_port_start /proc/sys/kernel/msgmax", "--network", "none",
		"--sysctl", "net.ipv4.ip_unprivileged_port_start=7", "--sysctl", "kernel.msgmax=7777"), "7\n7777")
	d.Status(t, 125, command("run --rm --sysctl vm.swappiness=7", nil, "true")...)
}

// device: what is not given cannot be opened, though it can be made.
func device(t testing.TB, d *daemon) {
	const script = "exec 3<>/dev/fuse && echo opened"
	contains(t, "without", say(d.Status(t, 1, command("run --rm --network none", nil, "mknod /dev/fuse c 10 229; "+script)...)),
		"Operation not permitted")
	equal(t, "with", d.Run(t, script, "--network", "none", "--device", "/dev/fuse"), "opened")
	contains(t, "to read", say(d.Status(t, 1, command("run --rm --network none --device /dev/fuse:/dev/fuse:r", nil, script)...)),
		"Operation not permitted")
	rule := d.Run(t, "mknod /dev/f c 10 229 && exec 3<>/dev/f && echo opened", "--network", "none", "--device-cgroup-rule", "c 10:229 rw")
	equal(t, "--device-cgroup-rule", rule, "opened")
}

// effectiveHere are the capabilities of this process that Docker 20.10 knows: the first 38.
func effectiveHere(t testing.TB) string {
	t.Helper()
	for line := range strings.Lines(content(t, "/proc/self/status")) {
		if field, ok := strings.CutPrefix(line, "CapEff:"); ok {
			mask, err := strconv.ParseUint(strings.TrimSpace(field), 16, 64)
			if err != nil {
				t.Fatal(err)
			}
			return fmt.Sprintf("%016x", mask&(1<<38-1))
		}
	}
	t.Fatal("no CapEff")
	return ""
}
