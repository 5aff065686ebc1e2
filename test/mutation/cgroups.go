package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// cgroups lists those with the prefix in their path, the outer before the inner.
func cgroups(prefix string) []string {
	var found []string
	// What vanishes meanwhile is somebody else's to remove.
	_ = filepath.WalkDir("/sys/fs/cgroup", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && strings.Contains(path, prefix) {
			found = append(found, path)
		}
		return nil
	})
	return found
}

// sweepCgroups removes what a keg that cannot clean up has left: its processes
// ended with their pid namespace, cgroups belong to none. The prefix is this
// program's own: the machine's containers may be kegs too. The kernel may need a
// while to empty them.
func sweepCgroups(prefix string) (err error) {
	for range 60 {
		if err = removeCgroups(prefix); err == nil {
			return nil
		}
		time.Sleep(time.Second)
	}
	return err
}

func removeCgroups(prefix string) error {
	var errs []error
	for _, path := range slices.Backward(cgroups(prefix)) {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, fmt.Errorf("left by a mutant: %w", err))
		}
	}
	return errors.Join(errs...)
}
