package launch

import (
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"

	"github.com/keg-project/keg/linux"
)

// node is a file of the tree: an O_PATH descriptor, and what it said when it
// was opened.
type node struct {
	*os.File
	stat linux.FileStat
}

func (n *node) is(kind uint32) bool { return n.stat.Mode&syscall.S_IFMT == kind }

func (n *node) isDevice() bool { return n.is(syscall.S_IFCHR) || n.is(syscall.S_IFBLK) }

// make makes a file of the same type and content in to, where nothing of the
// name may be there yet.
func (c *treeCopy) make(n *node, to *os.File, name string) (*os.File, error) {
	var err error
	switch n.stat.Mode & syscall.S_IFMT {
	case syscall.S_IFREG:
		return c.file(n, to, name)
	case syscall.S_IFDIR:
		err = linux.Mkdirat(to, name)
	case syscall.S_IFLNK:
		err = linux.CopyLink(n.File, to, name)
	default: // nobody listens at the copy of a socket, but who looks for it finds it
		err = linux.Mknodat(to, name, n.stat.Mode, n.stat.Rdev)
	}
	if err != nil {
		return nil, err
	}
	return linux.OpenBeneath(to, name, linux.O_PATH)
}

// file copies a regular file's content, but for its holes.
func (c *treeCopy) file(n *node, to *os.File, name string) (*os.File, error) {
	// Nonblocking: a lease of the file's holder must not hold keg up.
	content, err := linux.Reopen(n.File, syscall.O_RDONLY|syscall.O_NONBLOCK)
	if err != nil {
		return nil, err
	}
	defer content.Close()
	copied, err := linux.OpenBeneath(to, name, linux.O_RDWR|linux.O_CREAT|linux.O_EXCL)
	if err != nil {
		return nil, err
	}
	if err = c.data(content, copied, n.stat.Size); err == nil {
		err = copied.Truncate(n.stat.Size)
	}
	if err != nil {
		copied.Close()
		return nil, err
	}
	return copied, nil
}

// data copies up to size: a file that grows meanwhile is no endless one.
func (c *treeCopy) data(from, to *os.File, size int64) error {
	for at := int64(0); at < size; {
		start, end, err := linux.NextData(from, at, size)
		if err != nil {
			return err
		}
		if err := c.part(from, to, start, end); err != nil {
			return err
		}
		if at = end; start == end {
			return nil
		}
	}
	return nil
}

func (c *treeCopy) part(from, to *os.File, start, end int64) error {
	for at := start; at < end; {
		n, err := from.ReadAt(c.buf[:min(int64(len(c.buf)), end-at)], at)
		if n == 0 && err == io.EOF {
			return nil // truncated meanwhile
		}
		if n == 0 {
			return err
		}
		if _, err := to.WriteAt(c.buf[:n], at); err != nil {
			return err
		}
		at += int64(n)
	}
	return nil
}

// attributes gives a copy its owner, extended attributes, mode and times. In
// this order: a change of owner takes set-user-ID bits and file capabilities
// away. chown(2)
func (c *treeCopy) attributes(n *node, copied *os.File) error {
	var now linux.FileStat
	if err := linux.Stat(copied, &now); err != nil {
		return err
	}
	if now.Uid != n.stat.Uid || now.Gid != n.stat.Gid {
		if err := linux.Chown(copied, n.stat.Uid, n.stat.Gid); err != nil {
			return fmt.Errorf("give it to %d:%d: %w", n.stat.Uid, n.stat.Gid, err)
		}
	}
	if err := linux.CopyXattrs(n.File, copied, c.skipXattr); err != nil {
		return err
	}
	if !n.is(syscall.S_IFLNK) {
		mode := n.stat.Mode
		if c.nosuid && !n.is(syscall.S_IFDIR) {
			mode &^= syscall.S_ISUID | syscall.S_ISGID
		}
		if err := linux.Chmod(copied, mode); err != nil {
			return err
		}
	}
	return linux.SetTimes(copied, &n.stat)
}

// skipXattr: a label is the tmpfs's own (context=), an overlay's marks mean
// nothing in a tmpfs, and what nosuid made ineffective stays so.
func (c *treeCopy) skipXattr(name string) bool {
	return name == "security.selinux" || c.nosuid && name == "security.capability" ||
		strings.HasPrefix(name, "trusted.overlay.") || strings.HasPrefix(name, "user.overlay.")
}

func ignoreEOF(path string, err error) error {
	if err == io.EOF {
		return nil
	}
	return explain(path, err)
}
