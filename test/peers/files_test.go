package peers

import (
	"os"
	"path/filepath"
	"strings"
)

// counters are files that can be written, to reset or to trigger something, but
// hold no setting; or that tell of processes.
var counters = []string{"cgroup.procs", "cgroup.threads", "tasks", "*.pressure", "*failcnt", "*max_usage_in_bytes", "memory.peak", "cpuacct.usage"}

// settings are what a container's cgroup is set to, by file.
func settings(cgroup string) map[string]string {
	found := map[string]string{}
	if unified() {
		dir := "/sys/fs/cgroup" + cgroup
		read(found, dir)
		found["cgroup.controllers"] = content(dir + "/cgroup.controllers")
		return found
	}
	hierarchies, _ := filepath.Glob("/sys/fs/cgroup/*" + cgroup)
	for _, dir := range hierarchies {
		// Peers differ in whether they use it for tracking, and keg's own is tested elsewhere.
		if !strings.HasPrefix(dir, "/sys/fs/cgroup/unified/") {
			read(found, dir)
		}
	}
	return found
}

// read reads the files that can be written and read.
func read(found map[string]string, dir string) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		info, err := e.Info()
		if err == nil && info.Mode().IsRegular() && info.Mode()&0o600 == 0o600 && !counter(e.Name()) {
			found[e.Name()] = content(filepath.Join(dir, e.Name()))
		}
	}
}

func counter(name string) bool {
	for _, pattern := range counters {
		if ok, _ := filepath.Match(pattern, name); ok {
			return true
		}
	}
	return false
}

// content is a file's text in one line.
func content(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	return strings.ReplaceAll(strings.TrimSpace(string(text)), "\n", "; ")
}
