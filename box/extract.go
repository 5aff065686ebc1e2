package box

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
)

type warner func(format string, args ...any)

// extractor unpacks one archive. All names go through os.Root, which resolves
// them by file descriptor and lets no `..`, symlink or hard link lead out.
type extractor struct {
	root    *os.Root
	owners  bool // root keeps the owners; an ordinary user's box is all the user's
	dirs    []*tar.Header
	entries int
	devices int
}

// extract unpacks a tar stream into dir.
func extract(r io.Reader, dir string, warn warner) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	x := &extractor{root: root, owners: os.Geteuid() == 0}
	if err := x.all(tar.NewReader(r)); err != nil {
		return err
	}
	if x.entries == 0 {
		return errors.New("holds no files")
	}
	if x.devices > 0 && warn != nil {
		warn("archive: %d device nodes left out: a box has its own /dev", x.devices)
	}
	return x.finishDirectories()
}

func (x *extractor) all(tr *tar.Reader) error {
	for {
		h, err := tr.Next()
		if err == io.EOF {
			return nil
		}
		if err == tar.ErrHeader && x.entries == 0 {
			return errors.New("is no tar archive, neither as it is nor compressed by gzip, zstd, xz or bzip2")
		}
		if err != nil {
			return err
		}
		if err := x.entry(h, tr); err != nil {
			return fmt.Errorf("entry %.200q: %w", h.Name, err)
		}
		x.entries++
	}
}

func (x *extractor) entry(h *tar.Header, content io.Reader) error {
	name, err := localName(h.Name)
	if err != nil {
		return err
	}
	h.Name = name
	if h.Typeflag == tar.TypeDir {
		return x.directory(h)
	}
	if name == "." {
		return errors.New("the root is not a directory")
	}
	if err := x.makeWay(name); err != nil {
		return err
	}
	switch h.Typeflag {
	case tar.TypeReg, tar.TypeGNUSparse:
		return x.file(h, content)
	case tar.TypeSymlink:
		return x.symlink(h)
	case tar.TypeLink:
		return x.hardLink(h)
	case tar.TypeFifo:
		return x.fifo(h)
	case tar.TypeChar, tar.TypeBlock:
		// A node made by root would give the disk of that number to whoever
		// opens it, and /dev is mounted fresh anyway.
		x.devices++
		return nil
	}
	return fmt.Errorf("type %q is not known", h.Typeflag)
}

// localName takes a name as relative to the root, also with a leading slash,
// and refuses `..`, which no archive of a root file system contains.
func localName(name string) (string, error) {
	for part := range strings.SplitSeq(name, "/") {
		if part == ".." {
			return "", errors.New("name contains `..` as a part")
		}
	}
	if strings.IndexByte(name, 0) >= 0 {
		return "", errors.New("name contains a NUL byte")
	}
	return path.Clean(strings.TrimLeft(name, "/") + "/."), nil
}

// makeWay makes the parents of name, and removes what an earlier entry of the
// same name left: nothing is ever written through an existing link.
func (x *extractor) makeWay(name string) error {
	if dir := path.Dir(name); dir != "." {
		if err := x.root.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	err := x.root.Remove(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// directory makes one that can be filled; its mode waits for the end, since it
// may forbid that.
func (x *extractor) directory(h *tar.Header) error {
	x.dirs = append(x.dirs, h)
	if h.Name == "." {
		return nil
	}
	if fi, err := x.root.Lstat(h.Name); err == nil && fi.IsDir() {
		return nil
	}
	if err := x.makeWay(h.Name); err != nil {
		return err
	}
	return x.root.Mkdir(h.Name, 0o755)
}

func (x *extractor) file(h *tar.Header, content io.Reader) error {
	f, err := x.root.OpenFile(h.Name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, content)
	if err == nil {
		err = x.attributes(f, h)
	}
	return errors.Join(err, f.Close())
}

func (x *extractor) symlink(h *tar.Header) error {
	if err := x.root.Symlink(h.Linkname, h.Name); err != nil {
		return err
	}
	return x.lchown(h)
}

func (x *extractor) hardLink(h *tar.Header) error {
	target, err := localName(h.Linkname)
	if err != nil {
		return fmt.Errorf("link to %.200q: %w", h.Linkname, err)
	}
	return x.root.Link(target, h.Name)
}
