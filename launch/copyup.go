package launch

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"github.com/keg-project/keg/linux"
)

// maxDepth bounds the descriptors that an image can make keg hold: two for
// each directory on the way.
const maxDepth = 256

// copyUp copies the content of a directory into the tmpfs that covers it. The
// tree is the image's and not to be trusted: names may change while it is
// read. So every file is opened once, by a plain name below the descriptor of
// its directory, without following a link or crossing a mount, and what is
// copied is what that descriptor stands for.
func copyUp(from, to *os.File) error {
	// The thread may change its ids.
	if err := linux.OnThread(func() error { return copyTree(from, to) }); err != nil {
		return fmt.Errorf("tmpcopyup: %w", err)
	}
	return nil
}

// treeCopy is a copy under way.
type treeCopy struct {
	nosuid, nodev bool // what the covered mount keeps from having an effect
	links         links
	buf           []byte
}

func copyTree(from, to *os.File) error {
	var err error
	c := treeCopy{links: links{root: to}, buf: make([]byte, 64<<10)}
	if c.nosuid, c.nodev, err = linux.MountFlags(from); err != nil {
		return err
	}
	// Through a link of the image the directory may be one of proc or sysfs. What
	// root reads there is not the container's, and masks come later.
	if kernels, err := linux.OfKernel(from); err != nil || kernels {
		return errors.Join(err, errors.New("the directory lies on a file system of the kernel's, which is not copied"))
	}
	if err := actAsOwner(to); err != nil {
		return err
	}
	return c.content(from, to, "", 0)
}

// actAsOwner: in the tmpfs of a user namespace only ids that are mapped there
// can make files, and keg's own usually is not.
func actAsOwner(to *os.File) error {
	var st syscall.Stat_t
	if err := syscall.Fstat(int(to.Fd()), &st); err != nil {
		return os.NewSyscallError("fstat", err)
	}
	if os.Geteuid() != 0 || st.Uid == 0 && st.Gid == 0 {
		return nil
	}
	return linux.SetFSIDs(st.Uid, st.Gid)
}

// content copies what is in a directory; path is for messages.
func (c *treeCopy) content(from, to *os.File, path string, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("%q: directories are nested more than %d deep", path, maxDepth)
	}
	list, err := linux.OpenBeneath(from, ".", linux.O_RDONLY|linux.O_DIRECTORY)
	if err != nil {
		return explain(path, err)
	}
	defer list.Close()
	for {
		names, err := list.Readdirnames(256)
		for _, name := range names {
			if err := c.entry(from, to, name, path+"/"+name, depth); err != nil {
				return err
			}
		}
		if len(names) == 0 {
			return ignoreEOF(path, err)
		}
	}
}

// entry copies one name of a directory.
func (c *treeCopy) entry(from, to *os.File, name, path string, depth int) error {
	old, err := linux.OpenBeneath(from, name, linux.O_PATH)
	switch {
	case errors.Is(err, syscall.ENOENT):
		return nil // gone meanwhile
	case errors.Is(err, syscall.EXDEV):
		return explain(path, mountpoint(from, to, name))
	case err != nil:
		return explain(path, err)
	}
	defer old.Close()
	n := node{File: old}
	if err := linux.Stat(old, &n.stat); err != nil {
		return explain(path, err)
	}
	if c.nodev && n.isDevice() {
		return nil // it could not be opened before, and must not become so
	}
	linked, err := c.links.link(&n, to, name)
	if linked || err != nil {
		return explain(path, err)
	}
	copied, err := c.make(&n, to, name)
	if err != nil {
		return explain(path, err)
	}
	defer copied.Close()
	if n.is(syscall.S_IFDIR) {
		if err := c.content(old, copied, path, depth+1); err != nil {
			return err
		}
	}
	// After the content, which would change a directory's time.
	if err := c.attributes(&n, copied); err != nil {
		return explain(path, err)
	}
	return explain(path, c.links.remember(&n, path))
}

// mountpoint makes an empty place for a mount that lies in the tree: its
// content is another's, and is not copied.
func mountpoint(from, to *os.File, name string) error {
	var n node
	if err := linux.StatAt(from, name, &n.stat); err != nil {
		return err
	}
	if n.is(syscall.S_IFDIR) {
		return linux.Mkdirat(to, name)
	}
	return linux.Mknodat(to, name, syscall.S_IFREG, 0)
}

// explain names the file, and says why an ordinary user may not copy it.
func explain(path string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.ENOSPC):
		return fmt.Errorf("%q: %w (hint: the tmpfs is full: raise its size= or nr_inodes=)", path, err)
	case os.Geteuid() != 0 && (errors.Is(err, syscall.EACCES) || errors.Is(err, syscall.EPERM)):
		return fmt.Errorf("%q: %w (hint: keg runs as user %d, who may not read this file, or may not give its copy the same owner and attributes)", path, err, os.Geteuid())
	case errors.Is(err, syscall.EOVERFLOW), errors.Is(err, syscall.EINVAL):
		return fmt.Errorf("%q: %w (hint: its owner is not mapped in the container's user namespace)", path, err)
	}
	return fmt.Errorf("%q: %w", path, err)
}
