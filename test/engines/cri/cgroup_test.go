package cri

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const hierarchies = "/sys/fs/cgroup"

// unified tells whether there is one hierarchy, of version 2.
func unified() bool {
	_, err := os.Stat(filepath.Join(hierarchies, "cgroup.controllers"))
	return err == nil
}

// systemd tells whether cgroups are systemd's to make.
func systemd() bool {
	_, err := os.Stat("/run/systemd/private")
	return err == nil
}

// podCgroup is the name that a kubelet would give, but for its beginning.
func (n *node) podCgroup(pod string) string {
	if systemd() {
		return strings.ReplaceAll(filepath.Base(n.dir), "-", "_") + "-" + pod + ".slice"
	}
	return "/" + filepath.Base(n.dir) + "/" + pod
}

// cgroupDirs are a cgroup's directories, one per hierarchy.
func cgroupDirs(name string) []string {
	if base, ok := strings.CutSuffix(name, ".slice"); ok {
		parent, _, _ := strings.Cut(base, "-")
		name = parent + ".slice/" + name
	}
	if unified() {
		return []string{filepath.Join(hierarchies, name)}
	}
	files, _ := filepath.Glob(hierarchies + "/*/cgroup.procs")
	var dirs []string
	for _, f := range files {
		dirs = append(dirs, filepath.Join(filepath.Dir(f), name))
	}
	return dirs
}

// makeCgroup does before a pod begins what is a kubelet's to do. Of systemd's
// slices it need not: they begin with what is in them.
func makeCgroup(name string) error {
	if strings.HasSuffix(name, ".slice") {
		return nil
	}
	for _, dir := range cgroupDirs(name) {
		for _, d := range []string{filepath.Dir(dir), dir} {
			if err := os.Mkdir(d, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
				return err
			}
			if err := inheritCPUs(d); err != nil {
				return err
			}
		}
	}
	return nil
}

// inheritCPUs: a new cpuset of version 1 is empty, and takes no process.
func inheritCPUs(dir string) error {
	if unified() {
		return nil
	}
	for _, name := range []string{"cpuset.cpus", "cpuset.mems"} {
		value, err := os.ReadFile(filepath.Join(filepath.Dir(dir), name))
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), value, 0)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// removeCgroup removes a pod's cgroup, and its parent with the last pod. A cgroup of
// a container in it is an error: it was the runtime's to remove.
func removeCgroup(name string) error {
	if strings.HasSuffix(name, ".slice") {
		return removeSlice(name)
	}
	for _, dir := range cgroupDirs(name) {
		if err := removeEmpty(dir); err != nil {
			return err
		}
		os.Remove(filepath.Dir(dir))
	}
	return nil
}

// removeSlice has systemd forget a slice, once no scope is in it: systemd itself
// would end what is.
func removeSlice(name string) error {
	for deadline := time.Now().Add(patience()); ; time.Sleep(10 * time.Millisecond) {
		within, err := filepath.Glob(cgroupDirs(name)[0] + "/*.scope")
		if err != nil || len(within) == 0 {
			break
		}
		if time.Now().After(deadline) {
			return errors.New("in " + name + ": " + strings.Join(within, " "))
		}
	}
	if out, err := exec.Command("systemctl", "stop", name).CombinedOutput(); err != nil {
		return fmt.Errorf("systemctl stop %s: %w: %s", name, err, out)
	}
	return nil
}

// removeEmpty gives what was killed a moment to be gone.
func removeEmpty(dir string) error {
	for deadline := time.Now().Add(patience()); ; time.Sleep(10 * time.Millisecond) {
		err := os.Remove(dir)
		if err == nil || errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if time.Now().After(deadline) {
			within, _ := filepath.Glob(dir + "/*/")
			return errors.Join(err, errors.New("in it: "+strings.Join(within, " ")))
		}
	}
}

// cgroupFile is a file of a container's cgroup: its name in version 1 and in 2.
func (c *container) cgroupFile(t testing.TB, controller, v1, v2 string) string {
	t.Helper()
	return readCgroup(t, c.pod.config.Linux.CgroupParent, c.id, controller, v1, v2)
}

func readCgroup(t testing.TB, parent, id, controller, v1, v2 string) string {
	t.Helper()
	dir, name := filepath.Join(hierarchies, controller, parent, id), v1
	if unified() {
		if id != "" && systemd() {
			id = "cri-containerd-" + id + ".scope"
		}
		dir, name = filepath.Join(cgroupDirs(parent)[0], id), v2
	}
	text, err := os.ReadFile(filepath.Join(dir, name))
	must(t, err)
	return strings.TrimSpace(string(text))
}

// gone tells that none of the directories has such a cgroup in it.
func gone(dirs []string, id string) bool {
	for _, dir := range dirs {
		if found, _ := filepath.Glob(dir + "/*" + id + "*"); len(found) > 0 {
			return false
		}
	}
	return true
}
