package containerd

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/keg-project/keg/test/engines"
	"github.com/keg-project/keg/test/kegtest"
)

// daemon is a containerd with a mount namespace of its own: what it and its shims
// mount, and what they write below /run, is nobody else's. CRIU is out of sight there,
// whether installed or not.
type daemon struct {
	runtime    engines.Runtime
	dir        string
	namespace  string // containerd's, which is the parent of the containers' cgroups too
	space      engines.Namespaces
	containerd *exec.Cmd
	names      int
}

// prepare makes the namespace's own /run, in which the shims have their sockets
// whatever containerd is told.
const prepare = `cd "$0"
` + engines.OwnRun + `mkdir bin
ln -s "$1" bin/runc
if [ -e /usr/sbin/criu ]; then
	touch criu
	mount --bind /usr/sbin/criu criu
	mount --bind /dev/null /usr/sbin/criu
fi
`

const config = `version = 2
root = "%[1]s/root"
state = "%[1]s/state"
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
	"io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs"]
[grpc]
address = "%[1]s/socket"
[ttrpc]
address = "%[1]s/socket.ttrpc"
[plugins."io.containerd.internal.v1.opt"]
path = "%[1]s/opt"
[timeouts]
"io.containerd.timeout.shim.cleanup" = "1m"
"io.containerd.timeout.shim.load" = "1m"
"io.containerd.timeout.shim.shutdown" = "1m"
"io.containerd.timeout.task.state" = "1m"
`

// start is for the scenarios: it has the image, and nothing may be left at its end.
func start(t testing.TB, r engines.Runtime) *daemon {
	t.Helper()
	dir := kegtest.TempDir(t)
	d := &daemon{runtime: r, dir: dir, namespace: filepath.Base(dir)}
	t.Cleanup(d.removeCgroups)
	d.space = engines.Hold(t, syscall.CLONE_NEWNS, prepare, dir, r.Path)
	write(t, d.file("config.toml"), fmt.Sprintf(config, dir))
	d.launch(t)
	t.Cleanup(func() { d.end(t) })
	d.importImage(t)
	before := d.remains(t)
	t.Cleanup(func() {
		until(t, "", func() string {
			return strings.Join(slices.DeleteFunc(d.remains(t), func(s string) bool { return slices.Contains(before, s) }), "\n")
		})
	})
	return d
}

func (d *daemon) file(name string) string { return filepath.Join(d.dir, name) }

// within is a command in containerd's mount namespace. A runtime that is asked for
// as "runc" is the one under test.
func (d *daemon) within(args ...string) *exec.Cmd {
	cmd := d.space.Within(args...)
	cmd.Env = append(os.Environ(), "PATH="+d.file("bin")+":/usr/bin:/bin")
	return cmd
}

// launch starts containerd, and waits until it answers.
func (d *daemon) launch(t testing.TB) {
	t.Helper()
	log, err := os.OpenFile(d.file("log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	d.containerd = d.within("containerd", "--config", d.file("config.toml"))
	d.containerd.Stdout, d.containerd.Stderr = log, log
	if err := d.containerd.Start(); err != nil {
		t.Fatal(err)
	}
	until(t, "0", func() string { return strconv.Itoa(d.ctr(t, "version").Code) })
}

// end stops containerd. Shims would live on: whoever has begun a container has
// ended it.
func (d *daemon) end(t testing.TB) {
	t.Helper()
	d.containerd.Process.Signal(syscall.SIGTERM)
	d.containerd.Wait()
	if t.Failed() {
		text, _ := os.ReadFile(d.file("log"))
		t.Logf("containerd: %s", text)
	}
}

// restart is containerd killed, and started again.
func (d *daemon) restart(t testing.TB) {
	t.Helper()
	d.containerd.Process.Kill()
	d.containerd.Wait()
	d.launch(t)
}

// remains is what containers could leave: mounts, cgroups, bundles, the runtime's
// state, snapshots. A killed shim's socket is containerd's own affair.
func (d *daemon) remains(t testing.TB) []string {
	t.Helper()
	list := slices.DeleteFunc(d.cgroups(), func(dir string) bool { return filepath.Base(dir) == d.namespace })
	for _, pattern := range []string{
		d.file("runc/" + d.namespace + "/*"),
		d.file("state/io.containerd.runtime.v2.task/" + d.namespace + "/*"),
		d.file("root/io.containerd.runtime.v2.task/" + d.namespace + "/*"),
		"/proc/" + d.space.PID() + "/root/run/containerd/runc/" + d.namespace + "/*",
	} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, found...)
	}
	mounts, err := os.ReadFile("/proc/" + d.space.PID() + "/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(mounts)) {
		list = append(list, "mount "+strings.Fields(line)[4])
	}
	for line := range strings.Lines(d.ctr(t, "snapshots", "ls").Stdout) {
		list = append(list, "snapshot "+strings.TrimSpace(line))
	}
	return list
}

// cgroups are those of the daemon's containers in all hierarchies, and their parents.
func (d *daemon) cgroups() []string {
	var list []string
	for _, root := range []string{"/sys/fs/cgroup", "/sys/fs/cgroup/*"} {
		top, _ := filepath.Glob(filepath.Join(root, d.namespace))
		for _, dir := range top {
			filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
				if err == nil && e.IsDir() {
					list = append(list, path)
				}
				return nil
			})
		}
	}
	return list
}

// removeCgroups removes the parents, which are nobody's.
func (d *daemon) removeCgroups() {
	for _, dir := range slices.Backward(d.cgroups()) {
		os.Remove(dir)
	}
}
