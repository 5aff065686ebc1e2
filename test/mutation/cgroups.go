package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// cgroups lists those of containers, the outer before the inner.
func cgroups() []string {
	var found []string
	// What vanishes meanwhile is somebody else's to remove.
	_ = filepath.WalkDir("/sys/fs/cgroup", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && strings.Contains(path, "/keg-") {
			found = append(found, path)
		}
		return nil
	})
	return found
}

// sweepCgroups removes what a keg that cannot clean up has left: its processes
// ended with their pid namespace, cgroups belong to none.
func sweepCgroups(before []string) error {
	var errs []error
	for _, path := range slices.Backward(cgroups()) {
		if slices.Contains(before, path) {
			continue
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, fmt.Errorf("left by a mutant: %w", err))
		}
	}
	return errors.Join(errs...)
}
