package kegtest

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Leftovers lists what a container could leave on the machine: mounts,
// cgroups, and processes of the interpreter or of keg's containers.
func Leftovers() map[string]bool {
	found := map[string]bool{}
	mounts, _ := os.ReadFile("/proc/self/mountinfo")
	for line := range strings.Lines(string(mounts)) {
		if fields := strings.Fields(line); len(fields) > 4 {
			found["mount "+fields[4]+" ("+fields[0]+")"] = true
		}
	}
	filepath.WalkDir("/sys/fs/cgroup", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && strings.Contains(path, "keg-test") {
			found["cgroup "+path] = true
		}
		return nil
	})
	processes(found)
	return found
}

// processes finds those whose executable is a memfd, or lies in a test's root.
func processes(found map[string]bool) {
	pids, _ := filepath.Glob("/proc/[0-9]*")
	for _, p := range pids {
		exe, err := os.Readlink(p + "/exe")
		if err == nil && (strings.HasPrefix(exe, "/memfd:init") || strings.Contains(exe, "keg-test-")) {
			found["process "+filepath.Base(p)+" "+exe] = true
		}
	}
}

// NewLeftovers lists what is there now and was not before. What ends by
// itself gets three seconds.
func NewLeftovers(before map[string]bool) []string {
	var left []string
	for range 30 {
		left = left[:0]
		for name := range Leftovers() {
			if !before[name] {
				left = append(left, name)
			}
		}
		if len(left) == 0 {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return left
}
