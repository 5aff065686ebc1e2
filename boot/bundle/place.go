package bundle

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/keg-project/keg/linux"
)

// place is a path as it is seen in a root directory: the machine's, or a
// container's, whose links and ".." must not lead out of it.
type place struct{ root, path string }

// place of a name in runtime.json: a relative one, and one that leads there by
// name, is in the container's root.
func (b *Bundle) place(unsafePath string) place {
	root := filepath.Join(b.Dir, "rootfs")
	clean := filepath.Clean(unsafePath)
	if !filepath.IsAbs(unsafePath) {
		clean = filepath.Join(root, filepath.Join("/", unsafePath)) // ".." ends at the root
	}
	for _, dir := range []string{b.Dir, b.named} {
		if rest, inside := strings.CutPrefix(clean, filepath.Join(dir, "rootfs")+"/"); inside {
			return place{root, "/" + rest}
		}
	}
	return place{"/", clean}
}

// onMachine is a place for what LinuxKit takes as it stands.
func onMachine(name string) (place, error) {
	name, err := filepath.Abs(name)
	return place{"/", name}, err
}

// String is where the place is if there are no links on the way.
func (p place) String() string { return filepath.Join(p.root, p.path) }

func (p place) parent() place { return place{p.root, filepath.Dir(p.path)} }

// open opens what is there as a place only.
func (p place) open(flags uint64) (*os.File, error) {
	root, err := linux.OpenDirectory(p.root)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	f, err := linux.OpenInRoot(root, p.path, linux.O_PATH|flags)
	return f, p.named(err)
}

// named is the error with the path as the machine knows it.
func (p place) named(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return &os.PathError{Op: path.Op, Path: p.String(), Err: path.Err}
	}
	return err
}

// at does something to the last component of the path, by the descriptor of the
// directory that it is in. What is mounted there is not in use by that.
func (p place) at(do func(name string) error) error {
	dir, err := p.parent().open(linux.O_DIRECTORY)
	if err != nil {
		return err
	}
	defer dir.Close()
	return p.named(do(linux.SelfFD(dir) + "/" + filepath.Base(p.path)))
}

// makeDir makes a directory, and those above it.
func (u *undo) makeDir(p place) error {
	dir, err := p.open(linux.O_DIRECTORY)
	if err == nil {
		return dir.Close()
	}
	if !errors.Is(err, syscall.ENOENT) || p.path == "/" {
		return err
	}
	if err := u.makeDir(p.parent()); err != nil {
		return err
	}
	if dir, err = p.parent().open(linux.O_DIRECTORY); err != nil {
		return err
	}
	defer dir.Close()
	err = linux.MkdirIn(dir, filepath.Base(p.path), 0o755)
	if errors.Is(err, syscall.EEXIST) {
		if there, err := p.open(linux.O_DIRECTORY); err == nil { // another bundle has made it just now
			return there.Close()
		}
		return p.named(&os.PathError{Op: "mkdir", Err: syscall.ENOTDIR}) // or a link that leads nowhere
	}
	if err == nil {
		u.add(p.remove)
	}
	return p.named(err)
}

// makeFile makes an empty file, and the directories above it.
func (u *undo) makeFile(p place) error {
	file, err := p.open(0)
	if err == nil {
		return file.Close()
	}
	if !errors.Is(err, syscall.ENOENT) {
		return err
	}
	if err := u.makeDir(p.parent()); err != nil {
		return err
	}
	dir, err := p.parent().open(linux.O_DIRECTORY)
	if err != nil {
		return err
	}
	defer dir.Close()
	err = linux.MakeEmpty(dir, filepath.Base(p.path), 0o644)
	if errors.Is(err, syscall.EEXIST) {
		if there, err := p.open(0); err == nil { // as in makeDir
			return there.Close()
		}
	}
	if err == nil {
		u.add(p.remove)
	}
	return p.named(err)
}

// remove removes what was made, unless somebody has put something into it.
func (p place) remove() error {
	err := p.at(os.Remove)
	if errors.Is(err, syscall.ENOTEMPTY) || errors.Is(err, syscall.ENOENT) {
		return nil
	}
	return err
}
