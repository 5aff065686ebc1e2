package bundle

import (
	"path/filepath"
	"strconv"
	"sync"
	"testing"
)

// Services start side by side, and their bundles may name the same directories.
func TestMakeDirSideBySide(t *testing.T) {
	dir := t.TempDir()
	for n := range 200 {
		var all sync.WaitGroup
		for range 32 {
			all.Go(func() {
				if err := new(undo).makeDir(place{"/", filepath.Join(dir, strconv.Itoa(n), "a/b/c")}); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	}
}

func TestMakeFileSideBySide(t *testing.T) {
	dir := t.TempDir()
	for n := range 200 {
		var all sync.WaitGroup
		for range 32 {
			all.Go(func() {
				if err := new(undo).makeFile(place{"/", filepath.Join(dir, strconv.Itoa(n), "file")}); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	}
}
