package launch

import (
	"errors"
	"os"
	"strings"
	"syscall"

	"github.com/keg-project/keg/linux"
)

// maxLinkMemory bounds what is kept of files with several names, of which an
// image may have any number.
const maxLinkMemory = 16 << 20

const linkRecord = 100 // bytes that a file takes, about, beside its path

// links remembers where files with several names were copied to.
type links struct {
	root *os.File
	seen map[inode]*linked
	size int
}

type inode struct{ dev, ino uint64 }

type linked struct {
	path string // of the first copy, below the root
	left uint64 // names that were not seen yet
}

// link makes name a link to the copy of the same file, if there is one.
func (l *links) link(n *node, to *os.File, name string) (bool, error) {
	key := inode{n.stat.Dev, n.stat.Ino}
	first, ok := l.seen[key]
	if !ok {
		return false, nil
	}
	copied, err := l.open(first.path)
	if err != nil {
		return false, err
	}
	defer copied.Close()
	if first.left--; first.left == 0 {
		delete(l.seen, key)
		l.size -= len(first.path) + linkRecord
	}
	return true, linux.LinkAt(copied, to, name)
}

// open walks to a copy, name by name.
func (l *links) open(path string) (*os.File, error) {
	at := l.root
	for name := range strings.SplitSeq(path[1:], "/") {
		next, err := linux.OpenBeneath(at, name, linux.O_PATH)
		if at != l.root {
			at.Close()
		}
		if err != nil {
			return nil, err
		}
		at = next
	}
	return at, nil
}

// remember keeps the path of a file's copy if the file has other names.
func (l *links) remember(n *node, path string) error {
	if n.is(syscall.S_IFDIR) || n.stat.Nlink < 2 {
		return nil
	}
	if l.size += len(path) + linkRecord; l.size > maxLinkMemory {
		return errors.New("too many files with several names to keep them linked")
	}
	if l.seen == nil {
		l.seen = map[inode]*linked{}
	}
	l.seen[inode{n.stat.Dev, n.stat.Ino}] = &linked{path, uint64(n.stat.Nlink) - 1}
	return nil
}
