package bundle

import (
	"os"
	"path/filepath"
)

// List names the bundles of a tree, such as /containers/onboot, in the order in
// which they run: by name. What is no directory is in others. A tree that does
// not exist has none.
func List(tree string) (names, others []string, err error) {
	entries, err := os.ReadDir(tree)
	if os.IsNotExist(err) {
		return nil, nil, nil
	}
	for _, e := range entries {
		if st, err := os.Stat(filepath.Join(tree, e.Name())); err != nil || !st.IsDir() {
			others = append(others, e.Name())
			continue
		}
		names = append(names, e.Name())
	}
	return names, others, err
}
