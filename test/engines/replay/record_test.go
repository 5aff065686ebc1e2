package replay

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/keg-project/keg/test/engines"
	"github.com/keg-project/keg/test/kegtest"
)

func TestMain(m *testing.M) { kegtest.Main(m) }

// TestRecord has each engine call runc through the recorder, and compares with
// what is written down.
func TestRecord(t *testing.T) {
	engines.Need(t, "dockerd", "docker", "containerd", "ctr", "podman", "conmon", "buildah", "runc")
	for _, engine := range []string{"docker", "containerd", "podman", "buildah"} {
		t.Run(engine, func(t *testing.T) {
			Compare(t, engine, record(t, engine))
		})
	}
}

// patience is for a daemon and two dozen of its user's commands.
const patience = 10 * time.Minute

// record runs testdata/record/ENGINE.sh in namespaces of its own, which end with
// it and all that it has started.
func record(t *testing.T, engine string) []Call {
	t.Helper()
	dir := kegtest.TempDir(t)
	runtime := Recorder(t, dir)
	kegtest.Populate(t, filepath.Join(dir, "rootfs"))
	script, err := filepath.Abs(filepath.Join("testdata/record", engine+".sh"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("unshare", "--mount", "--propagation", "private", "--net", "--pid", "--fork", "--kill-child", "--mount-proc",
		"bash", script, dir, runtime, filepath.Base(dir))
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir}
	r := kegtest.FinishIn(t, patience, cmd)
	removeCgroups(t, filepath.Base(dir))
	if r.Code != 0 {
		t.Fatalf("%s: exit status %d\n%s\n%s", script, r.Code, r.Stdout, r.Stderr)
	}
	return Recorded(t, runtime)
}

// removeCgroups removes the parent that the script has put its containers below.
func removeCgroups(t *testing.T, name string) {
	t.Helper()
	for _, pattern := range []string{"/sys/fs/cgroup/", "/sys/fs/cgroup/*/"} {
		dirs, _ := filepath.Glob(pattern + name)
		for _, dir := range dirs {
			engines.Within(t, dir+" removed", func() bool {
				exec.Command("find", dir, "-depth", "-type", "d", "-exec", "rmdir", "{}", ";").Run()
				_, err := os.Stat(dir)
				return err != nil
			})
		}
	}
}
