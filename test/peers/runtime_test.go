package peers

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/keg-project/keg/test/kegtest"
)

// runtime is keg or a peer.
type runtime struct {
	name, path string
	bundle     *kegtest.Bundle
}

// runtimes are keg and the peers that are installed.
func runtimes(t *testing.T) []runtime {
	t.Helper()
	b := kegtest.NewBundle(t, "true")
	list := []runtime{{"keg", kegtest.Keg(t), b}}
	for _, name := range []string{"runc", "crun"} {
		path, err := exec.LookPath(name)
		if err != nil {
			kegtest.Skip(t, "%v (test/setup installs it)", err)
			return nil
		}
		list = append(list, runtime{name, path, b})
	}
	return list
}

// version is the first line that it says of itself.
func (r runtime) version(t *testing.T) string {
	line, _, _ := strings.Cut(r.call(t, "--version").Stdout, "\n")
	return strings.TrimSuffix(line, "\n")
}

// id of the container is that of the test, for its leftovers to be known.
func (r runtime) id() string { return r.bundle.ID() + "-" + r.name }

// cgroup is below one that is there for this container alone: it is made on the
// way, and so part of what is compared.
func (r runtime) cgroup() string { return "/" + r.id() + "/box" }

func (r runtime) create(t *testing.T) kegtest.Result {
	t.Helper()
	return r.call(t, "create", "--bundle", r.bundle.Dir, r.id())
}

// remove deletes the container, and the cgroup's parent, which is nobody's.
func (r runtime) remove(t *testing.T) {
	t.Helper()
	r.call(t, "delete", "--force", r.id())
	deadline := time.Now().Add(time.Minute)
	for _, pattern := range []string{"/sys/fs/cgroup", "/sys/fs/cgroup/*"} {
		dirs, _ := filepath.Glob(pattern + r.cgroup())
		more, _ := filepath.Glob(pattern + "/" + r.id())
		for _, dir := range append(dirs, more...) {
			for os.Remove(dir) != nil && exists(dir) && time.Now().Before(deadline) {
				time.Sleep(time.Millisecond)
			}
		}
	}
}

// withoutUnified is for crun, which takes a machine with both kinds of
// hierarchies for one with the unified alone.
const withoutUnified = `umount /sys/fs/cgroup/unified 2>/dev/null; exec "$@"`

func (r runtime) call(t *testing.T, args ...string) kegtest.Result {
	t.Helper()
	args = append([]string{r.path, "--root", filepath.Join(r.bundle.Dir, "state-"+r.name)}, args...)
	if r.name == "crun" && !unified() {
		args = append([]string{"unshare", "-m", "--propagation", "private", "sh", "-c", withoutUnified, "sh"}, args...)
	}
	return kegtest.Finish(t, exec.Command(args[0], args[1:]...))
}

// unified tells whether the machine has the unified hierarchy alone.
func unified() bool { return exists("/sys/fs/cgroup/cgroup.controllers") }

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
