package resctrl

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Update changes schemata of the container's own group, in one write: of lines
// that are written together the kernel carries out all or none. What a line does
// not name stays. undo brings back what was there.
func (g Group) Update(root string, schemata []string) (undo func() error, err error) {
	if !g.Own {
		return nil, errors.New("the container has no group of its own, whose shares could change (hint: linux.intelRdt without closID makes one)")
	}
	file := filepath.Join(g.Dir, "schemata")
	old, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	text := strings.Join(schemata, "\n") + "\n"
	if err := put(file, text); err != nil {
		return nil, fmt.Errorf("schema %q: %w%s", text, err, lastStatus(root))
	}
	return func() error { return put(file, string(old)) }, nil
}
