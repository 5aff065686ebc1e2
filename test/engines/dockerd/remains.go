package dockerd

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/keg-project/keg/test/engines"
)

// Remains lists what containers could leave: mounts, links and rules of the
// daemon's namespaces, cgroups, shims, and the runtime's own files.
func (d *Daemon) Remains(t testing.TB) []string {
	t.Helper()
	var found []string
	mounts, err := os.ReadFile("/proc/" + d.PID() + "/mountinfo")
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
		"link": {"ip", "-brief", "link"}, "rule": {"iptables-save"}, "state": {"find", d.Dir + "/exec", "-path", "*/moby/*"},
	} {
		out, _ := d.Within(command...).Output()
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
	for _, shim := range d.Shims() {
		found = append(found, fmt.Sprintf("shim %+v", shim))
	}
	return found
}

// cgroups are the parent of the containers' in each hierarchy, and what is below it.
func (d *Daemon) cgroups() []string {
	var found []string
	filepath.WalkDir("/sys/fs/cgroup", func(path string, e fs.DirEntry, err error) error {
		if err == nil && e.IsDir() && strings.Contains(path, d.parent) {
			found = append(found, path)
		}
		return nil
	})
	return found
}

// Clean removes the daemon's containers, networks and volumes, and fails the test if
// anything else is left of them.
func (d *Daemon) Clean(t testing.TB, before []string) {
	t.Helper()
	if left := d.OK(t, "ps", "-aq"); left != "" {
		t.Errorf("containers are left: %s", d.OK(t, "ps", "-a"))
	}
	engines.Until(t, "", func() string {
		return strings.Join(slices.DeleteFunc(d.Remains(t), func(s string) bool { return slices.Contains(before, s) }), "\n")
	})
}

// removeParents removes the cgroups that the daemon had its containers' made in.
func (d *Daemon) removeParents(t testing.TB) {
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
