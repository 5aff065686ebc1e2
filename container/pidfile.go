package container

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// writePidFile writes atomically: engines read it as soon as it is there.
func writePidFile(name string, pid int, id string) error {
	if name == "" {
		return nil
	}
	temp := pidFileTemp(name, id)
	err := os.WriteFile(temp, strconv.AppendInt(nil, int64(pid), 10), 0o644)
	if err == nil {
		err = os.Rename(temp, name)
	}
	if err != nil {
		os.Remove(temp)
		return fmt.Errorf("--pid-file %s: %w", name, errors.Unwrap(err))
	}
	return nil
}

// pidFileTemp is where the pid file is written before it gets its name. What
// has a name already cannot be replaced by a file without one: linkat(2), EEXIST.
func pidFileTemp(name, id string) string {
	return filepath.Join(filepath.Dir(name), "."+filepath.Base(name)+".keg-"+id)
}
