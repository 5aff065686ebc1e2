package apart

import (
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// checkLeft fails the test if anything of the engine's containers is there still.
func (p *Place) checkLeft(t testing.TB) {
	t.Helper()
	p.endPause()
	p.NothingLeft(t)
	p.removeParents()
	p.removeFiles(t)
}

// NothingLeft fails the test if an engine that is not at work has left a process,
// a mount, a cgroup or a container of the runtime's.
func (p *Place) NothingLeft(t testing.TB) {
	t.Helper()
	var left []string
	for end := time.Now().Add(patience); time.Now().Before(end); { // an engine's own cleaning up runs beside it
		if left = p.left(); len(left) == 0 {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("left behind:\n%s", strings.Join(left, "\n"))
}

func (p *Place) left() []string {
	var left []string
	for pid, line := range p.processes() {
		left = append(left, "process "+strconv.Itoa(pid)+" "+strings.ReplaceAll(line, "\x00", " "))
	}
	if containers, _ := os.ReadDir(p.StateRoot()); len(containers) > 0 {
		left = append(left, "state of the container "+containers[0].Name())
	}
	return append(append(left, p.cgroups()...), p.mounts()...)
}

// processes are those in the place's namespaces, with their command lines. A
// container that is in neither has a monitor that is.
func (p *Place) processes() map[int]string {
	found := map[int]string{}
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		if pid, err := strconv.Atoi(e.Name()); err == nil && pid != p.holder && p.holds(pid) {
			line, _ := os.ReadFile("/proc/" + e.Name() + "/cmdline")
			found[pid] = string(line)
		}
	}
	return found
}

func (p *Place) holds(pid int) bool {
	for _, kind := range []string{"mnt", "net"} {
		its, err := os.Readlink("/proc/" + strconv.Itoa(pid) + "/ns/" + kind)
		own, _ := os.Readlink("/proc/" + strconv.Itoa(p.holder) + "/ns/" + kind)
		if err == nil && its == own {
			return true
		}
	}
	return false
}

// ours are names of cgroups that only these engines give.
func ours(name string) bool {
	return strings.HasPrefix(name, "libpod-") || strings.HasPrefix(name, "buildah-")
}

func (p *Place) cgroups() []string {
	var found []string
	filepath.WalkDir("/sys/fs/cgroup", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && ours(d.Name()) && p.owns(path) {
			found = append(found, "cgroup "+path)
		}
		return nil
	})
	return found
}

// owns: root's engine and the user's are tried side by side.
func (p *Place) owns(path string) bool {
	var st syscall.Stat_t
	return syscall.Stat(path, &st) == nil && int(st.Uid) == p.Account.UID
}

func (p *Place) mounts() []string {
	var found []string
	text, _ := os.ReadFile("/proc/" + strconv.Itoa(p.holder) + "/mountinfo")
	for line := range strings.Lines(string(text)) {
		point := strings.Fields(line)[4]
		if strings.HasPrefix(point, p.Dir+"/") && point != p.Path("storage/overlay") { // the driver keeps that one
			found = append(found, "mount "+point)
		}
	}
	return found
}

// endPause ends the process that holds a rootless Podman's user namespace.
func (p *Place) endPause() {
	for pid, line := range p.processes() {
		if line == "catatonit\x00-P\x00" {
			syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}

// removeParents removes the cgroups that Podman makes above its containers', and
// for pods, and leaves. Where they are another Podman's, they are in use.
func (p *Place) removeParents() {
	for _, h := range hierarchies() {
		removeEmpty(filepath.Join(h, "libpod_parent"))
	}
}

func removeEmpty(dir string) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if e.IsDir() {
			removeEmpty(filepath.Join(dir, e.Name()))
		}
	}
	os.Remove(dir)
}

// removeFiles: what rootless containers have written is of subordinate users.
func (p *Place) removeFiles(t testing.TB) {
	t.Helper()
	p.Do(t, "umount", "-l", p.Path("storage/overlay"))
	if err := os.RemoveAll(p.Dir); err != nil {
		t.Error(err)
	}
}
