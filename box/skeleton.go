package box

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// describe is what the skeleton's key is made from.
func (h *hostCopy) describe() string {
	var b strings.Builder
	for _, d := range h.dirs {
		fmt.Fprintf(&b, "%q/\n", d)
	}
	for _, l := range slices.Sorted(maps.Keys(h.links)) {
		fmt.Fprintf(&b, "%q → %q\n", l, h.links[l])
	}
	return b.String()
}

// skeleton makes the directories and symlinks that the mounts do not bring.
// Mount points themselves are made in the overlay when they are mounted on.
func (h *hostCopy) skeleton(dir string) error {
	for _, d := range h.dirs {
		if err := os.Mkdir(filepath.Join(dir, d), 0o755); err != nil {
			return err
		}
	}
	for name, target := range h.links {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}
