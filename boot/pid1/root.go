package pid1

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"github.com/keg-project/keg/linux"
)

// newRoot is where the new root is mounted at first.
const newRoot = "/mnt"

// leaveInitramfs moves all files of the initramfs to a tmpfs and makes that the
// root directory. Below the kernel's first root there is no mount that
// pivot_root(2) could keep, so no other runtime could start a container there.
func leaveInitramfs() error {
	if err := os.MkdirAll(newRoot, 0o755); err != nil {
		return err
	}
	if err := linux.MountAt("rootfs", newRoot, "tmpfs", 0, ""); err != nil {
		return err
	}
	if err := moveTree("/", newRoot); err != nil {
		return fmt.Errorf("moving the initramfs: %w", err)
	}
	if err := os.Chdir(newRoot); err != nil {
		return err
	}
	if err := linux.MountAt(".", "/", "", linux.MS_MOVE, ""); err != nil {
		return err
	}
	if err := linux.Chroot("."); err != nil {
		return err
	}
	return os.Chdir("/")
}

// mover moves a tree, file by file, so that there is never more than one file
// twice: they are in memory on both sides.
type mover struct {
	device uint64
	linked map[uint64]string // inodes with several names: where the first one is now
	buf    []byte
}

// moveTree moves what is in a directory, but not what is mounted there, to
// another. Nothing else may change either.
func moveTree(from, to string) error {
	var st linux.FileStat
	if err := linux.LstatFile(from, &st); err != nil {
		return err
	}
	m := mover{device: st.Dev, linked: map[uint64]string{}, buf: make([]byte, 256<<10)}
	return m.content(from, to, &st)
}

func (m *mover) content(from, to string, st *linux.FileStat) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := m.entry(filepath.Join(from, e.Name()), filepath.Join(to, e.Name())); err != nil {
			return err
		}
	}
	return linux.LikeFile(to, st) // at last, as the content changes its times
}

func (m *mover) entry(from, to string) error {
	var st linux.FileStat
	if err := linux.LstatFile(from, &st); err != nil {
		return err
	}
	if st.Mode&syscall.S_IFMT == syscall.S_IFDIR {
		return m.directory(from, to, &st)
	}
	if first, ok := m.linked[st.Ino]; ok {
		return errors.Join(os.Link(first, to), os.Remove(from))
	}
	if st.Nlink > 1 {
		m.linked[st.Ino] = to
	}
	err := m.file(from, to, &st)
	if err == nil {
		err = linux.CopyPathXattrs(from, to)
	}
	if err == nil {
		err = linux.LikeFile(to, &st)
	}
	if err == nil {
		err = os.Remove(from)
	}
	return err
}

func (m *mover) directory(from, to string, st *linux.FileStat) error {
	if err := os.Mkdir(to, 0o700); err != nil {
		return err
	}
	if st.Dev != m.device {
		return linux.LikeFile(to, st) // a mount point: what is there is another's
	}
	if err := linux.CopyPathXattrs(from, to); err != nil {
		return err
	}
	if err := m.content(from, to, st); err != nil {
		return err
	}
	_ = os.Remove(from) // ENOTEMPTY, EBUSY: something is mounted below it
	return nil
}

func (m *mover) file(from, to string, st *linux.FileStat) error {
	switch st.Mode & syscall.S_IFMT {
	case syscall.S_IFLNK:
		target, err := os.Readlink(from)
		if err != nil {
			return err
		}
		return os.Symlink(target, to)
	case syscall.S_IFREG:
		return m.regular(from, to)
	}
	return linux.MakeNode(to, st.Mode, st.Rdev)
}

func (m *mover) regular(from, to string) error {
	old, err := os.Open(from)
	if err != nil {
		return err
	}
	defer old.Close()
	copied, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	// Without the wrappers the copy would be by splice, which a ramfs has not.
	_, err = io.CopyBuffer(struct{ io.Writer }{copied}, struct{ io.Reader }{old}, m.buf)
	return errors.Join(err, copied.Close())
}
