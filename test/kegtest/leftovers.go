package kegtest

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// own are the ids of this process's tests: packages are tested side by side,
// and another's containers are not left by this one.
var own struct {
	sync.Mutex
	ids []string
}

func owned(path string) bool {
	own.Lock()
	defer own.Unlock()
	return slices.ContainsFunc(own.ids, func(id string) bool { return strings.Contains(path, id) })
}

// anothers tells whether the path is in the directory of another process's test,
// which may have mounted there what is none of a container's.
func anothers(path string) bool {
	return strings.HasPrefix(path, filepath.Join(os.TempDir(), Prefix())) && !owned(path)
}

// Leftovers lists what this process's containers could leave on the machine:
// mounts, cgroups, and processes: whatever was begun below this one is in the
// end the child of its supervisor.
func Leftovers() map[string]bool {
	found := map[string]bool{}
	mounts, _ := os.ReadFile("/proc/self/mountinfo")
	for line := range strings.Lines(string(mounts)) {
		if fields := strings.Fields(line); len(fields) > 4 && !anothers(fields[4]) {
			found["mount "+fields[4]+" ("+fields[0]+")"] = true
		}
	}
	filepath.WalkDir("/sys/fs/cgroup", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil || !d.IsDir():
		case owned(path):
			found["cgroup "+path] = true
		case strings.HasPrefix(d.Name(), Prefix()):
			return fs.SkipDir // another's, and there may be hundreds below
		}
		return nil
	})
	supervisor, _ := strconv.Atoi(os.Getenv(supervised))
	for name := range children(os.Getpid(), supervisor) {
		found[name] = true
	}
	return found
}

// NewLeftovers lists what is there now and was not before. What ends by
// itself gets ten seconds. No command of the tests may be running.
func NewLeftovers(before map[string]bool) []string {
	var left []string
	for range 100 {
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
	for i, name := range left {
		left[i] = name + described(name)
	}
	return left
}
