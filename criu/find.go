package criu

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// ErrNotFound: there is no CRIU on this machine.
var ErrNotFound = errors.New("CRIU is not installed")

// sbin are directories of which a caller's $PATH may have none.
const sbin = "/usr/local/sbin:/usr/sbin:/sbin"

// Find finds the program: name, if that is a path, else the first of this name
// in $PATH or, after that, in the directories of root's programs.
func Find(name string) (string, error) {
	if strings.ContainsRune(name, '/') {
		return name, executable(name)
	}
	for _, dir := range filepath.SplitList(os.Getenv("PATH") + ":" + sbin) {
		path := filepath.Join(dir, name)
		if filepath.IsAbs(path) && executable(path) == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%w: %s is neither in $PATH nor in %s (hint: apt-get install criu, or --criu names it)", ErrNotFound, name, sbin)
}

func executable(path string) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return fmt.Errorf("%w (hint: --criu names the program of CRIU)", err)
	case !info.Mode().IsRegular() || info.Mode()&0o111 == 0:
		return &os.PathError{Op: "execute", Path: path, Err: syscall.EACCES}
	}
	return nil
}
