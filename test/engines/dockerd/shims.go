package dockerd

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Shim is a process of containerd's that stands by one container.
type Shim struct {
	PID       int
	Container string // its id, in full
}

// Shims are those of this daemon's containerd, without the same program when it
// is called to clean up after one.
func (d *Daemon) Shims() []Shim {
	var found []Shim
	lines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, name := range lines {
		text, _ := os.ReadFile(name)
		words := strings.Split(string(text), "\x00")
		if !strings.Contains(words[0], "containerd-shim") || !strings.Contains(string(text), d.Dir) || slices.Contains(words, "delete") {
			continue
		}
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(name)))
		shim := Shim{PID: pid}
		if i := slices.Index(words, "-id"); i >= 0 && i+1 < len(words) {
			shim.Container = words[i+1]
		}
		found = append(found, shim)
	}
	return found
}
