package docker

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

func volumes(t testing.TB, d *daemon) {
	d.OK(t, "volume", "create", "kept")
	t.Cleanup(func() { d.Docker(t, "volume", "rm", "-f", "kept", "etc") })
	d.Run(t, "echo written >/v/file", "--network", "none", "-v", "kept:/v")
	equal(t, "kept", d.Run(t, "cat /v/file", "--network", "none", "-v", "kept:/v:ro"), "written")
	equal(t, "filled from the image", d.Run(t, "head -c 4 /etc/passwd", "--network", "none", "-v", "etc:/etc"), "root")
	before := d.OK(t, "volume", "ls", "-q")
	d.Run(t, "touch /anonymous/file", "--network", "none", "-v", "/anonymous")
	d.Prints(t, before, "volume", "ls", "-q")
}

func binds(t testing.TB, d *daemon) {
	dir := kegtest.TempDir(t)
	write(t, filepath.Join(dir, "file"), "ours\n")
	const script = "cat /b/file; echo theirs >/b/new && echo written"
	contains(t, "ro", say(d.Status(t, 1, command("run --rm --network none", []string{"-v", dir + ":/b:ro"}, script)...)),
		"ours", "Read-only file system")
	equal(t, "rw", d.Run(t, script, "--network", "none", "-v", dir+":/b"), "ours\nwritten")
	text, _ := os.ReadFile(filepath.Join(dir, "new"))
	equal(t, "the host's", string(text), "theirs\n")
	equal(t, "one file", d.Run(t, "cat /etc/here", "--network", "none", "--mount", "type=bind,ro,src="+dir+"/file,dst=/etc/here"), "ours")
	contains(t, "no source", d.Status(t, 125, "run", "--rm", "--mount", "type=bind,src="+dir+"/none,dst=/x", image, "true").Stderr, "does not exist")
}

// propagation: mounts appear on the other side, or do not.
func propagation(t testing.TB, d *daemon) {
	shared := filepath.Join(d.Dir, "shared")
	must := func(args ...string) {
		t.Helper()
		if out, err := d.Within(args...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %v: %s", args, err, out)
		}
	}
	must("mkdir", "-p", shared+"/host", shared+"/container")
	bind := func(how string) []string {
		return []string{"--network", "none", "--cap-add", "SYS_ADMIN", "--security-opt", "apparmor=unconfined",
			"--mount", "type=bind,src=" + shared + ",dst=/s,bind-propagation=" + how}
	}
	both, down, none := d.Detached(t, forever, bind("rshared")...), d.Detached(t, forever, bind("rslave")...), d.Detached(t, forever, bind("rprivate")...)
	must("mount", "-t", "tmpfs", "seen", shared+"/host")
	t.Cleanup(func() { d.Within("umount", shared+"/host").Run() })
	for c, want := range map[string]int{both: 0, down: 0, none: 1} {
		d.Status(t, want, "exec", c, "grep", "-q", "^seen /s/host ", "/proc/mounts")
	}
	d.OK(t, "exec", down, "mount", "-t", "tmpfs", "slave", "/s/container")
	if mounts := d.mounts(t); strings.Contains(mounts, "slave "+shared) {
		t.Errorf("a slave's mount is seen: %s", mounts)
	}
	d.OK(t, "exec", both, "mount", "-t", "tmpfs", "master", "/s/container")
	contains(t, "the daemon's mounts", d.mounts(t), "master "+shared+"/container ")
	must("umount", shared+"/container")
}

// mounts are those of the daemon's namespace.
func (d *daemon) mounts(t testing.TB) string {
	t.Helper()
	out, err := d.Within("cat", "/proc/mounts").Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func tmpfs(t testing.TB, d *daemon) {
	const script = `stat -c %a /t; dd if=/dev/zero of=/t/big bs=1M count=2; rm /t/big; echo true >/t/x; chmod 755 /t/x; /t/x; echo $?`
	r := d.Status(t, 0, command("run --rm --network none --tmpfs /t:size=1m,mode=1750,noexec", nil, script)...)
	equal(t, "mode, and status of a program", r.Stdout, "1750\n126")
	contains(t, "size, noexec", r.Stderr, "No space left on device", "Permission denied")
}

func readOnly(t testing.TB, d *daemon) {
	flags := []string{"--network", "none", "--read-only", "--tmpfs", "/tmp"}
	contains(t, "touch", say(d.Status(t, 1, command("run --rm", flags, "touch /file")...)), "Read-only file system")
	equal(t, "elsewhere", d.Run(t, "touch /tmp/a /dev/shm/b && echo written", flags...), "written")
}

func maskedPaths(t testing.TB, d *daemon) {
	const script = "wc -c </proc/timer_list; ls /sys/firmware | wc -l; echo b >/proc/sysrq-trigger || echo refused; grep -c '^proc /proc/sys proc ro' /proc/mounts"
	equal(t, "masked", d.Run(t, script, "--network", "none"), "0\n0\nrefused\n1")
	unmasked := d.Run(t, "grep -cE ' /proc/(timer_list|sys|bus) ' /proc/mounts; true", "--network", "none", "--security-opt", "systempaths=unconfined")
	equal(t, "systempaths=unconfined", unmasked, "0")
}

func shmSize(t testing.TB, d *daemon) {
	equal(t, "default", d.Run(t, "df -k /dev/shm | awk 'NR == 2 {print $2}'", "--network", "none"), "65536")
	equal(t, "8m", d.Run(t, "df -k /dev/shm | awk 'NR == 2 {print $2}'", "--network", "none", "--shm-size", "8m"), "8192")
}

func copyFiles(t testing.TB, d *daemon) {
	dir := kegtest.TempDir(t)
	write(t, filepath.Join(dir, "in"), "from outside\n")
	c := d.Detached(t, "echo from inside >/tmp/out; echo up; "+forever, "--network", "none")
	d.Says(t, c, "up")
	d.OK(t, "cp", filepath.Join(dir, "in"), c+":/data/")
	d.Prints(t, "from outside", "exec", c, "cat", "/data/in")
	d.OK(t, "cp", c+":/tmp/out", dir)
	text, _ := os.ReadFile(filepath.Join(dir, "out"))
	equal(t, "copied out", string(text), "from inside\n")
}
