package bundle

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/keg-project/keg/linux"
)

// record has the mounts of a bundle that were made, so that they are used again
// when it is started again, and nothing is stacked up. Each is written down
// before it is made, as keg may be killed right after that: so it is known by
// the place, and by the mount that it lies on.
type record struct {
	file  string     // "": none is kept
	mine  []recorded // that this run has made, or taken
	known []recorded // of an earlier run
}

type recorded struct {
	below int // the id of the mount that it lies on
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
		return record{}, err
	}
	for line := range strings.Lines(string(text)) {
		var m recorded
		if _, err := fmt.Sscanf(line, "%d %q\n", &m.below, &m.point); err != nil {
			return record{}, fmt.Errorf("%s: %q is not a mount; remove the file", file, line)
		}
		r.known = append(r.known, m)
	}
	if r.known, err = thatAreThere(r.known); err != nil {
		return record{}, err
	}
	return r, nil
}

// thatAreThere leaves out what was unmounted, or never came to be.
func thatAreThere(list []recorded) ([]recorded, error) {
	mounts, err := linux.Mounts()
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(list, func(m recorded) bool {
		return !slices.ContainsFunc(mounts, func(now linux.Mount) bool { return now.Parent == m.below && now.Point == m.point })
	}), nil
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

// intend has a mount that is about to be made on target.
func (r *record) intend(target *os.File) error {
	if r.file == "" {
		return nil
	}
	below, _, err := linux.MountOf(target)
	if err != nil {
		return err
	}
	point, err := os.Readlink(linux.SelfFD(target))
	if err != nil {
		return err
	}
	r.mine = append(r.mine, recorded{below, point})
	return r.write()
}

// prune is for when mounts were taken back.
func (r *record) prune() (err error) {
	if r.file == "" {
		return nil
	}
	if r.mine, err = thatAreThere(r.mine); err != nil {
		return err
	}
	return r.write()
}

// write keeps them for the next run: a crash leaves the old record, or the new.
func (r *record) write() error {
	if r.file == "" {
		return nil
	}
	list := slices.Concat(r.mine, r.known)
	if len(list) == 0 {
		if err := os.Remove(r.file); !errors.Is(err, os.ErrNotExist) {
			return err
		}
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(r.file), 0o700); err != nil {
		return err
	}
	var b strings.Builder
	for _, m := range list {
		fmt.Fprintf(&b, "%d %q\n", m.below, m.point)
	}
	temp := r.file + ".new"
	if err := os.WriteFile(temp, []byte(b.String()), 0o600); err != nil {
		return err
	}
	return os.Rename(temp, r.file)
}
