package bundle

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/keg-project/keg/linux"
)

// record has the mounts of a bundle that were made, so that they are used again
// when it is started again, and nothing is stacked up. An id of a mount is
// another's when that mount is gone, so it counts only where it was.
type record struct {
	file  string // "": none is kept
	mine  []recorded
	known []recorded
}

type recorded struct {
	id    int
	point string
}

// recordFile is in dir, by the bundle's path.
func recordFile(dir, bundle string) string {
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, strings.ReplaceAll(bundle, "/", "!")+".mounts")
}

// readRecord reads what is left of an earlier run.
func readRecord(file string) (record, error) {
	r := record{file: file}
	if file == "" {
		return r, nil
	}
	text, err := os.ReadFile(file)
	if os.IsNotExist(err) {
		return r, nil
	}
	if err != nil {
		return r, err
	}
	mounts, err := linux.Mounts()
	if err != nil {
		return r, err
	}
	for line := range strings.Lines(string(text)) {
		var m recorded
		if _, err := fmt.Sscanf(line, "%d %q\n", &m.id, &m.point); err != nil {
			return r, fmt.Errorf("%s: %q is not a mount; remove the file", file, line)
		}
		if slices.ContainsFunc(mounts, func(now linux.Mount) bool { return now.ID == m.id && now.Point == m.point }) {
			r.known = append(r.known, m)
		}
	}
	return r, nil
}

// take tells whether a mount of an earlier run is at the place, or below one.
func (r *record) take(target *os.File) bool {
	point, err := os.Readlink(linux.SelfFD(target))
	if err != nil {
		return false
	}
	i := slices.IndexFunc(r.known, func(m recorded) bool { return m.point == point })
	if i < 0 {
		return false
	}
	r.mine = append(r.mine, r.known[i])
	r.known = slices.Delete(r.known, i, i+1)
	return true
}

// note has a mount that was just made on top of a place.
func (r *record) note(p place) error {
	if r.file == "" {
		return nil
	}
	f, err := p.open(0)
	if err != nil {
		return err
	}
	defer f.Close()
	id, _, err := linux.MountOf(f)
	if err != nil {
		return err
	}
	point, err := os.Readlink(linux.SelfFD(f))
	r.mine = append(r.mine, recorded{id, point})
	return err
}

// write keeps them for the next run.
func (r *record) write() error {
	if r.file == "" || len(r.mine) == 0 {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(r.file), 0o700); err != nil {
		return err
	}
	var b strings.Builder
	for _, m := range r.mine {
		fmt.Fprintf(&b, "%d %q\n", m.id, m.point)
	}
	return os.WriteFile(r.file, []byte(b.String()), 0o600)
}
