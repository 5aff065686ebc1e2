package box

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// busybox is a program found on this machine.
type busybox struct {
	path string
	info fs.FileInfo
}

func (b busybox) key() string { return fileKey("busybox", b.path, b.info) }

// busyboxRoot returns the box made from the first busybox that is static.
func busyboxRoot(c cache, candidates []string) (string, error) {
	b, cached, err := chooseBusybox(c, candidates)
	if err != nil || cached != "" {
		return cached, err
	}
	return c.build(b.key(), b.populate)
}

// chooseBusybox prefers a box that is there: its busybox has been looked at
// when it was made, so that a run with a warm cache opens no ELF file.
func chooseBusybox(c cache, candidates []string) (b busybox, cached string, err error) {
	var reasons []error
	for _, path := range candidates {
		info, err := os.Stat(path)
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		b := busybox{path, info}
		if dir, ok := c.has(b.key()); ok {
			return b, dir, nil
		}
		if err := checkStatic(path); err != nil {
			reasons = append(reasons, err)
			continue
		}
		return b, "", nil
	}
	return busybox{}, "", noBusybox(reasons)
}

// findBusybox chooses for a box that is not in the cache.
func findBusybox(candidates []string) (busybox, error) {
	b, _, err := chooseBusybox(cache{os.DevNull}, candidates)
	return b, err
}

func noBusybox(reasons []error) error {
	const hint = "install a static busybox (Debian, Ubuntu: apt-get install busybox-static), or name a directory or an archive as ROOT"
	if len(reasons) == 0 {
		return errors.New("no busybox found in PATH: " + hint)
	}
	return fmt.Errorf("%w: %s", errors.Join(reasons...), hint)
}

// busyboxCandidates are the places where a busybox may be, best first.
func busyboxCandidates() []string {
	list := []string{"/bin/busybox"}
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		if filepath.IsAbs(dir) { // never a busybox that lies where the caller happens to be
			list = append(list, filepath.Join(dir, "busybox"))
		}
	}
	return list
}
