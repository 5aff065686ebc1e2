package docker

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// remains lists what containers could leave: mounts, links and rules of the
// daemon's namespaces, cgroups, shims, and the runtime's own files.
func (d *daemon) remains(t testing.TB) []string {
	t.Helper()
	var found []string
	mounts, err := os.ReadFile("/proc/" + strconv.Itoa(d.holder.Process.Pid) + "/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(mounts)) {
		// The daemon's own network namespace is kept from the first container that is in it.
		if point := strings.Fields(line)[4]; filepath.Base(point) != "default" {
			found = append(found, "mount "+point)
		}
	}
	for name, command := range map[string][]string{
		"link": {"ip", "-brief", "link"}, "rule": {"iptables-save"}, "state": {"find", d.dir + "/exec", "-path", "*/moby/*"},
	} {
		out, _ := d.within(command...).Output()
		for line := range strings.Lines(string(out)) {
			if line = strings.TrimSpace(line); !strings.HasPrefix(line, "#") && !strings.HasPrefix(line, ":") {
				found = append(found, name+" "+line)
			}
		}
	}
	for _, path := range d.cgroups() {
		if filepath.Base(path) != d.parent {
			found = append(found, "cgroup "+path)
		}
	}
	return append(found, d.shims()...)
}

// shims are those of this daemon's containerd.
func (d *daemon) shims() []string {
	var found []string
	lines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, name := range lines {
		text, _ := os.ReadFile(name)
		if words := strings.Split(string(text), "\x00"); strings.Contains(words[0], "containerd-shim") && strings.Contains(string(text), d.dir) {
			found = append(found, "shim "+name)
		}
	}
	return found
}

// cgroups are the parent of the containers' in each hierarchy, and what is below it.
func (d *daemon) cgroups() []string {
	var found []string
	filepath.WalkDir("/sys/fs/cgroup", func(path string, e fs.DirEntry, err error) error {
		if err == nil && e.IsDir() && strings.Contains(path, d.parent) {
			found = append(found, path)
		}
		return nil
	})
	return found
}

// clean removes the daemon's containers, networks and volumes, and fails the test if
// anything else is left of them.
func (d *daemon) clean(t testing.TB, before []string) {
	t.Helper()
	if left := d.ok(t, "ps", "-aq"); left != "" {
		t.Errorf("containers are left: %s", d.ok(t, "ps", "-a"))
	}
	until(t, "", func() string {
		return strings.Join(slices.DeleteFunc(d.remains(t), func(s string) bool { return slices.Contains(before, s) }), "\n")
	})
}

// removeParents removes the cgroups that the daemon had its containers' made in.
func (d *daemon) removeParents(t testing.TB) {
	t.Helper()
	if systemd() {
		if out, err := exec.Command("systemctl", "stop", d.parent).CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
		return
	}
	for _, path := range d.cgroups() {
		if err := os.Remove(path); err != nil {
			t.Error(err)
		}
	}
}
