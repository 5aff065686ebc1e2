package box

import (
	"archive/tar"
	"errors"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/keg-project/keg/linux"
)

// fileCaps is the only extended attribute that a box takes over: without it
// ping and the like stop working. Others are this machine's affair.
const fileCaps = "security.capability"

// attributes gives an open file owner, mode, capabilities and time, in this
// order: the kernel takes setuid bits and capabilities away at a chown.
func (x *extractor) attributes(f *os.File, h *tar.Header) error {
	if x.owners {
		if err := f.Chown(h.Uid, h.Gid); err != nil {
			return err
		}
	}
	if err := f.Chmod(mode(h)); err != nil {
		return err
	}
	if caps := h.PAXRecords["SCHILY.xattr."+fileCaps]; x.owners && caps != "" {
		if err := linux.Fsetxattr(f, fileCaps, []byte(caps)); err != nil {
			return err
		}
	}
	return x.root.Chtimes(h.Name, h.ModTime, h.ModTime)
}

// mode is the permission part of the header, setuid, setgid and sticky kept.
func mode(h *tar.Header) os.FileMode {
	const special = os.ModeSetuid | os.ModeSetgid | os.ModeSticky
	return h.FileInfo().Mode() & (os.ModePerm | special)
}

func (x *extractor) lchown(h *tar.Header) error {
	if !x.owners {
		return nil
	}
	return x.root.Lchown(h.Name, h.Uid, h.Gid)
}

func (x *extractor) fifo(h *tar.Header) error {
	dir, err := x.root.Open(path.Dir(h.Name))
	if err != nil {
		return err
	}
	defer dir.Close()
	if err := linux.Mkfifoat(dir, path.Base(h.Name), uint32(mode(h).Perm())); err != nil {
		return err
	}
	if err := x.lchown(h); err != nil {
		return err
	}
	return x.root.Chmod(h.Name, mode(h)) // whatever the umask
}

// finishDirectories gives directories owner and mode, the innermost first: a
// parent without the x bit would hide its children from an ordinary user.
func (x *extractor) finishDirectories() error {
	slices.SortStableFunc(x.dirs, func(a, b *tar.Header) int { return depth(b.Name) - depth(a.Name) })
	for _, h := range x.dirs {
		if err := x.finishDirectory(h); err != nil {
			return err
		}
	}
	return nil
}

func depth(name string) int {
	if name == "." {
		return -1
	}
	return strings.Count(name, "/")
}

// finishDirectory leaves alone what a later entry replaced by something else.
func (x *extractor) finishDirectory(h *tar.Header) error {
	fi, err := x.root.Lstat(h.Name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil || !fi.IsDir() {
		return err
	}
	if err := x.lchown(h); err != nil {
		return err
	}
	return x.root.Chmod(h.Name, mode(h))
}
