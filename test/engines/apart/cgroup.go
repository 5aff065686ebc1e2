package apart

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// hierarchies are the roots of the cgroups.
func hierarchies() []string {
	if exists("/sys/fs/cgroup/cgroup.controllers") {
		return []string{"/sys/fs/cgroup"}
	}
	found, _ := filepath.Glob("/sys/fs/cgroup/*/cgroup.procs")
	for i := range found {
		found[i] = filepath.Dir(found[i])
	}
	return found
}

// InOwnCgroup is a command of root's that begins in a cgroup made for it, whose
// path it returns.
func (p *Place) InOwnCgroup(t testing.TB, name, command string, args ...string) (*exec.Cmd, string) {
	t.Helper()
	script := ""
	for _, h := range hierarchies() {
		dir := filepath.Join(h, name)
		must(t, os.Mkdir(dir, 0o755))
		for _, file := range []string{"cpuset.cpus", "cpuset.mems"} { // of v1: empty in a new one
			if text, err := os.ReadFile(filepath.Join(h, file)); err == nil {
				os.WriteFile(filepath.Join(dir, file), text, 0o644)
			}
		}
		script += "echo $$ >" + strconv.Quote(dir+"/cgroup.procs") + " && "
	}
	t.Cleanup(func() { p.RemoveCgroups(t, name) })
	words := append([]string{"-c", script + `exec "$@"`, "sh", command}, args...)
	return p.Command("sh", words...), "/" + name
}

// RemoveCgroups removes one in each hierarchy, and what is below it.
func (p *Place) RemoveCgroups(t testing.TB, name string) {
	t.Helper()
	for _, h := range hierarchies() {
		if exists(filepath.Join(h, name)) {
			removeTree(t, filepath.Join(h, name))
		}
	}
}

// patience is for what ends by itself.
const patience = 3 * time.Minute

// removeTree: what was in a cgroup, such as a monitor, may take a moment to end.
func removeTree(t testing.TB, dir string) {
	t.Helper()
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if e.IsDir() {
			removeTree(t, filepath.Join(dir, e.Name()))
		}
	}
	var err error
	for end := time.Now().Add(patience); time.Now().Before(end); {
		if err = os.Remove(dir); err == nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("left behind: %v", err)
}
