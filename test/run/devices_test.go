package run

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

const listDevices = `stat -c '%n %F %t:%T %a' /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty
for l in fd stdin stdout stderr ptmx; do echo $l $(readlink /dev/$l); done
echo x > /dev/null && head -c 2 /dev/zero | od -An -tx1 && test -c /dev/pts/ptmx`

const wantDevices = `/dev/null character special file 1:3 666
/dev/zero character special file 1:5 666
/dev/full character special file 1:7 666
/dev/random character special file 1:8 666
/dev/urandom character special file 1:9 666
/dev/tty character special file 5:0 666
fd /proc/self/fd
stdin /proc/self/fd/0
stdout /proc/self/fd/1
stderr /proc/self/fd/2
ptmx pts/ptmx
 00 00
`

// runtime-spec config-linux.md#default-devices
func TestDefaultDevices(t *testing.T) {
	wantOutput(t, bundle(t, listDevices), wantDevices)
	t.Run("user namespace", func(t *testing.T) { wantOutput(t, userBundle(t, listDevices), wantDevices) })
	t.Run("without a mount on /dev", func(t *testing.T) {
		kegtest.NeedRoot(t)
		b := bundle(t, strings.Replace(listDevices, "&& test -c /dev/pts/ptmx", "", 1))
		b.Spec.Mounts = b.Spec.Mounts[:1]
		wantOutput(t, b, wantDevices)
		wantOutput(t, b, wantDevices) // and again, when they are there
	})
}

func device(path, kind string, major, minor int64, mode os.FileMode, uid, gid uint32) oci.LinuxDevice {
	return oci.LinuxDevice{Path: path, Type: kind, Major: major, Minor: minor, FileMode: &mode, UID: &uid, GID: &gid}
}

func TestLinuxDevices(t *testing.T) {
	kegtest.NeedRoot(t)
	b := bundle(t, `for d in /dev/c /dev/b /dev/u /dev/p /dev/a/deep/dir/null /opt/dev/zero /dev/null /dev/plain; do stat -c '%n %F %t:%T %a %u:%g' $d; done`)
	b.Spec.Linux.Devices = []oci.LinuxDevice{
		device("/dev/c", "c", 1, 3, 0o640, 1, 2), device("/dev/b", "b", 7, 300, 0o600, 0, 6), device("/dev/u", "u", 10, 229, 0o604, 0, 0),
		device("/dev/p", "p", 0, 0, 0o622, 3, 4), device("/dev/a/deep/dir/null", "c", 1, 3, 0o666, 0, 0),
		device("/opt/dev/zero", "c", 1, 5, 0o444, 0, 0), device("/dev/null", "c", 1, 3, 0o600, 9, 9),
		{Path: "/dev/plain", Type: "c", Major: 1, Minor: 5},
	}
	wantOutput(t, b, `/dev/c character special file 1:3 640 1:2
/dev/b block special file 7:12c 600 0:6
/dev/u character special file a:e5 604 0:0
/dev/p fifo 0:0 622 3:4
/dev/a/deep/dir/null character special file 1:3 666 0:0
/opt/dev/zero character special file 1:5 444 0:0
/dev/null character special file 1:3 600 9:9
/dev/plain character special file 1:5 666 0:0
`)
}

// In a user namespace devices are binds of the host's.
func TestDevicesInUserNamespace(t *testing.T) {
	b := userBundle(t, `stat -c '%n %F %t:%T' /dev/a/null /dev/zero /dev/p; echo x > /dev/p & cat /dev/p`)
	b.Spec.Linux.Devices = []oci.LinuxDevice{
		{Path: "/dev/zero", Type: "c", Major: 1, Minor: 5}, {Path: "/dev/p", Type: "p"},
	}
	b.Spec.Process.Args[2] = strings.Replace(b.Spec.Process.Args[2], "/dev/a/null ", "", 1)
	wantOutput(t, b, "/dev/zero character special file 1:5\n/dev/p fifo 0:0\nx\n")
	b.Spec.Linux.Devices[0].Minor = 7 // the host's is another one
	wantRefused(t, b, "linux.devices[0]", "not the device")
	b.Spec.Linux.Devices[0].Path = "/dev/keg-no-such"
	wantRefused(t, b, "linux.devices[0]", "/dev/keg-no-such", "no such file or directory")
}

// An image that brings its own files where devices belong (CVE-2025-31133).
func TestImageDevices(t *testing.T) {
	kegtest.NeedRoot(t)
	secret := newHostTree(t, "echo host > canary; chmod 600 canary")
	for _, c := range []struct {
		name, script string
		parts        []string
	}{
		{"file", "touch null", []string{"linux.devices", "not the device"}},
		{"symlink", "ln -s /proc/sys/kernel/core_pattern null", []string{"linux.devices", "not the device"}},
		{"symlink to the host", "ln -s " + secret.path("canary") + " null", []string{"linux.devices", "not the device"}},
		{"directory", "mkdir null", []string{"linux.devices", "not the device"}},
		{"another device", "mknod null c 1 5", []string{"linux.devices", "not the device"}},
		{"block device of the number", "mknod null b 1 3", []string{"linux.devices", "not the device"}},
		{"fifo", "mkfifo tty", []string{"linux.devices", "not the device"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := bundle(t, "true")
			b.Spec.Mounts = b.Spec.Mounts[:1]
			newHostTree(t, "cd "+b.Dir+"/rootfs/dev; "+c.script)
			wantRefused(t, b, c.parts...)
		})
	}
	b := bundle(t, "stat -c '%n %t:%T' /dev/null")
	b.Spec.Mounts = b.Spec.Mounts[:1]
	newHostTree(t, "mknod "+b.Dir+"/rootfs/dev/null c 1 3; ln -s x "+b.Dir+"/rootfs/dev/ptmx")
	wantOutput(t, b, "/dev/null 1:3\n")
	if text, err := os.ReadFile(secret.path("canary")); err != nil || string(text) != "host\n" {
		t.Errorf("the host's file: %q, %v", text, err)
	}
}

// /dev, /proc and /sys must be directories of the image, not links.
func TestSymlinkedSpecialDirectories(t *testing.T) {
	outside := newHostTree(t, "mkdir d; chmod 777 d")
	for _, dir := range []string{"dev", "proc", "sys"} {
		for _, to := range []string{"/data", outside.path("d"), "../../../.." + outside.path("d"), "/nowhere"} {
			for mounts := range 2 {
				t.Run(fmt.Sprint(dir, to, mounts), func(t *testing.T) {
					b := bundle(t, "true")
					if mounts == 0 && dir == "dev" {
						kegtest.NeedRoot(t)
						b.Spec.Mounts = b.Spec.Mounts[:1]
					}
					must(t, os.Remove(b.Dir+"/rootfs/"+dir))
					must(t, os.Symlink(to, b.Dir+"/rootfs/"+dir))
					wantRefused(t, b, "symbolic link", dir)
				})
			}
		}
	}
	if left, _ := os.ReadDir(outside.path("d")); len(left) > 0 {
		t.Errorf("made on the host: %v", left)
	}
}

// A bind on /dev brings its own devices: nothing is made in the host's.
func TestBoundDev(t *testing.T) {
	kegtest.NeedRoot(t)
	tree := newHostTree(t, "mkdir dev; mknod -m 666 dev/null c 1 3; echo mine > dev/only")
	b := bundle(t, "ls /dev")
	b.Spec.Mounts = []oci.Mount{b.Spec.Mounts[0], bind(tree.path("dev"), "/dev")}
	wantOutput(t, b, "null\nonly\n")
	out, err := exec.Command("ls", tree.path("dev")).Output()
	if err != nil || string(out) != "null\nonly\n" {
		t.Errorf("%s, %v", out, err)
	}
}
