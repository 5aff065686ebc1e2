package docker

import (
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

// usernsRemap: root in a container is nobody outside.
func usernsRemap(t testing.TB, first *daemon) {
	d := begin(t, first.Runtime, "--userns-remap", "daemon:daemon")
	dir := kegtest.TempDir(t)
	if err := syscall.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	const script = "id -u; awk '{print $1, $2, $3}' /proc/self/uid_map; touch /b/made; stat -c %u /b/made; chown 5:5 /data; " + forever
	c := d.Detached(t, script, "-v", dir+":/b")
	d.Says(t, c, "0\n0 200000 65536\n0")
	var s syscall.Stat_t
	if err := syscall.Stat(filepath.Join(dir, "made"), &s); err != nil || s.Uid != 200000 {
		t.Errorf("on the host it is %d's: %v", s.Uid, err)
	}
	contains(t, "exec", d.OK(t, "exec", c, "sh", "-c", "id -u; cat /proc/self/uid_map"), "0\n", "200000")
	d.OK(t, "stop", "-t", "0", c)
	equal(t, "userns host", d.Run(t, "readlink /proc/self/ns/user", "--userns", "host", "--network", "none"), ours(t, "user"))
}

// liveRestore: containers outlive the daemon, and the next one knows them.
func liveRestore(t testing.TB, first *daemon) {
	d := begin(t, first.Runtime, "--live-restore")
	c := d.Detached(t, "trap 'echo asked; exit 6' TERM; echo up; while :; do test ! -e /tmp/go || { echo gone on; rm /tmp/go; }; sleep 0.1; done")
	d.Says(t, c, "up")
	before := d.Inspect(t, c, ".State.Pid")
	pid, err := strconv.Atoi(before)
	if err != nil {
		t.Fatal(err)
	}
	d.Kill()
	if !alive(pid) {
		t.Error("the container is gone with the daemon")
	}
	d.Launch(t)
	equal(t, "state", d.Inspect(t, c, ".State.Status")+" "+d.Inspect(t, c, ".State.Pid"), "running "+before)
	d.OK(t, "exec", c, "touch", "/tmp/go")
	d.Says(t, c, "up\ngone on")
	contains(t, "stats", d.OK(t, "stats", "--no-stream", "--format", "{{.Name}} {{.MemUsage}}", c), c+" ", "iB / ")
	d.OK(t, "stop", "-t", "60", c)
	equal(t, "status", d.Inspect(t, c, ".State.ExitCode"), "6")
	contains(t, "logs", d.OK(t, "logs", c), "asked")
	d.OK(t, "start", c)
	until(t, "2", func() string { return strconv.Itoa(strings.Count(d.OK(t, "logs", c), "up")) })
}
