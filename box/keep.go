package box

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// incomplete marks a kept box while it is filled. A box cannot be renamed into
// place here: the user may own DIR and not its parent.
const incomplete = ".keg-incomplete"

// keptRoot is DIR itself, filled first if it is missing, empty, or was left
// half filled by a keg that was killed.
func keptRoot(dir string, fill func(dir string) error) (root, error) {
	path, err := filepath.Abs(dir)
	if err != nil {
		return root{}, err
	}
	if err := keep(path, fill); err != nil {
		return root{}, fmt.Errorf("--keep %s: %w", dir, err)
	}
	return root{path: path, names: path}, nil
}

func keep(path string, fill func(dir string) error) error {
	if err := os.Mkdir(path, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	fresh, err := needsFilling(path)
	if err != nil || !fresh {
		return err
	}
	if err := emptyDir(path); err != nil {
		return err
	}
	mark := filepath.Join(path, incomplete)
	if err := os.WriteFile(mark, nil, 0o600); err != nil {
		return err
	}
	if err := fill(path); err != nil {
		return errors.Join(err, emptyDir(path))
	}
	return os.Remove(mark)
}

func needsFilling(path string) (bool, error) {
	entries, err := os.ReadDir(path)
	if err != nil || len(entries) == 0 {
		return err == nil, err
	}
	_, err = os.Lstat(filepath.Join(path, incomplete))
	return err == nil, nil
}
