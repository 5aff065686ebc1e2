package container

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/keg-project/keg/linux"
)

// Whoever can write images decides what runs in the container; and who can put a
// link or a FIFO in their place has CRIU, which is root, write or wait elsewhere.
// So CRIU gets none but those that nobody can exchange while it reads them.

// rootsOnly refuses what others than root, and the caller, can change.
func rootsOnly(name string, st *linux.FileStat) error {
	switch {
	case st.Uid != 0 && int(st.Uid) != os.Geteuid():
		return fmt.Errorf("%s belongs to user %d, who could exchange it meanwhile (hint: a copy of root's own)", name, st.Uid)
	case st.Mode&0o022 != 0:
		return fmt.Errorf("%s has mode %04o, and others could exchange it meanwhile (hint: a copy that none of them has open)", name, st.Mode&0o7777)
	}
	return nil
}

func rootsOnlyFile(f *os.File) error {
	var st linux.FileStat
	if err := linux.Stat(f, &st); err != nil {
		return err
	}
	return rootsOnly(f.Name(), &st)
}

// maxParents bounds the chain of pre-dumps.
const maxParents = 1000

// checkImages looks at a directory of images, and at those before them.
func checkImages(dir *os.File) error {
	at := dir
	for range maxParents {
		target, err := checkEntries(at)
		if err != nil || target == "" {
			return err
		}
		if at, err = openParent(at, target); err != nil {
			return err
		}
		defer at.Close()
	}
	return fmt.Errorf("%s: more than %d pre-dumps before it", dir.Name(), maxParents)
}

// checkEntries looks at one directory; parent is where its link of that name,
// CRIU's for a pre-dump's images, leads.
func checkEntries(dir *os.File) (parent string, err error) {
	if err := rootsOnlyFile(dir); err != nil {
		return "", err
	}
	list, err := linux.OpenBeneath(dir, ".", linux.O_RDONLY|linux.O_DIRECTORY)
	if err != nil {
		return "", err
	}
	defer list.Close()
	names, err := list.Readdirnames(-1)
	if err != nil {
		return "", err
	}
	for _, name := range names {
		if err := checkEntry(dir, name); err != nil {
			return "", err
		}
	}
	parent, err = os.Readlink(linux.SelfFD(dir) + "/" + parentLink)
	if errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	return parent, err
}

const parentLink = "parent"

// checkEntry: CRIU's sockets and what is in directories is nothing that it opens.
func checkEntry(dir *os.File, name string) error {
	var st linux.FileStat
	path := dir.Name() + "/" + name
	if err := linux.StatAt(dir, name, &st); err != nil {
		return &os.PathError{Op: "stat", Path: path, Err: err}
	}
	switch kind := st.Mode & syscall.S_IFMT; {
	case kind == syscall.S_IFLNK && name == parentLink:
		return nil // the directory's owner has made it
	case kind == syscall.S_IFLNK:
		return fmt.Errorf("%s is a symbolic link, and no image", path)
	case kind == syscall.S_IFSOCK, kind == syscall.S_IFDIR && name != parentLink:
		return nil
	case kind != syscall.S_IFREG || name == parentLink:
		return fmt.Errorf("%s is no regular file, and no image", path)
	}
	return rootsOnly(path, &st)
}

// openParent goes the way that CRIU goes anew, which nobody but root may turn.
func openParent(dir *os.File, target string) (*os.File, error) {
	if filepath.IsAbs(target) {
		return nil, fmt.Errorf("%s/%s leads to %s, and has to be relative", dir.Name(), parentLink, target)
	}
	at, err := linux.OpenStep(dir, ".")
	for step := range strings.SplitSeq(target, "/") {
		if err != nil || step == "" || step == "." {
			continue
		}
		var st linux.FileStat
		var next *os.File
		if err = linux.Stat(at, &st); err == nil {
			if st.Mode&syscall.S_ISVTX != 0 {
				st.Mode &^= 0o022 // there others can make files, but not take root's away
			}
			err = rootsOnly(at.Name(), &st)
		}
		if err == nil {
			next, err = linux.OpenStep(at, step)
		}
		at.Close()
		at = next
	}
	return at, err
}
