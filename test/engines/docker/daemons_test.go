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
	d := begin(t, first.runtime, "--userns-remap", "daemon:daemon")
	d.importImage(t)
	dir := kegtest.TempDir(t)
	if err := syscall.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	const script = "id -u; awk '{print $1, $2, $3}' /proc/self/uid_map; touch /b/made; stat -c %u /b/made; chown 5:5 /data; " + forever
	c := d.detached(t, script, "-v", dir+":/b")
	d.says(t, c, "0\n0 200000 65536\n0")
	var s syscall.Stat_t
	if err := syscall.Stat(filepath.Join(dir, "made"), &s); err != nil || s.Uid != 200000 {
		t.Errorf("on the host it is %d's: %v", s.Uid, err)
	}
	contains(t, "exec", d.ok(t, "exec", c, "sh", "-c", "id -u; cat /proc/self/uid_map"), "0\n", "200000")
	d.ok(t, "stop", "-t", "0", c)
	equal(t, "userns host", d.run(t, "readlink /proc/self/ns/user", "--userns", "host", "--network", "none"), ours(t, "user"))
}

// liveRestore: containers outlive the daemon, and the next one knows them.
func liveRestore(t testing.TB, first *daemon) {
	d := begin(t, first.runtime, "--live-restore")
	d.importImage(t)
	c := d.detached(t, "trap 'echo asked; exit 6' TERM; echo up; while :; do test ! -e /tmp/go || { echo gone on; rm /tmp/go; }; sleep 0.1; done")
	d.says(t, c, "up")
	before := d.inspect(t, c, ".State.Pid")
	pid, err := strconv.Atoi(before)
	if err != nil {
		t.Fatal(err)
	}
	d.dockerd.Process.Kill()
	d.dockerd.Wait()
	if !alive(pid) {
		t.Error("the container is gone with the daemon")
	}
	d.launch(t)
	equal(t, "state", d.inspect(t, c, ".State.Status")+" "+d.inspect(t, c, ".State.Pid"), "running "+before)
	d.ok(t, "exec", c, "touch", "/tmp/go")
	d.says(t, c, "up\ngone on")
	contains(t, "stats", d.ok(t, "stats", "--no-stream", "--format", "{{.Name}} {{.MemUsage}}", c), c+" ", "iB / ")
	d.ok(t, "stop", "-t", "60", c)
	equal(t, "status", d.inspect(t, c, ".State.ExitCode"), "6")
	contains(t, "logs", d.ok(t, "logs", c), "asked")
	d.ok(t, "start", c)
	until(t, "2", func() string { return strconv.Itoa(strings.Count(d.ok(t, "logs", c), "up")) })
}
