package launch

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/plan"
)

// openTree takes a detached copy of a mount, idmapped if asked. In dir a program can
// be put while that is done.
func openTree(fd plan.FD, dir *os.File) (*os.File, error) {
	tree, err := linux.OpenTree(fd.Path, fd.Recursive)
	if fd.Else != "" && errors.Is(err, os.ErrNotExist) {
		tree, err = linux.OpenTree(fd.Else, fd.Recursive)
	}
	if err != nil || fd.IDMap == nil {
		return tree, err
	}
	ns, err := userNamespace(fd.IDMap, dir)
	if err == nil {
		err = linux.IDMap(tree, int(ns.Fd()), fd.IDMap.Recursive)
		ns.Close()
	}
	if err != nil {
		tree.Close()
		return nil, idmapError(err)
	}
	return tree, nil
}

// IDMapped is a detached copy of a mount, idmapped by a new user namespace of these
// mappings. In dir a program can be put while that is made.
func IDMapped(path string, maps *plan.IDMaps, dir *os.File) (*os.File, error) {
	return openTree(plan.FD{Path: path, IDMap: &plan.IDMap{Maps: *maps}}, dir)
}

func idmapError(err error) error {
	if errors.Is(err, syscall.EINVAL) {
		return fmt.Errorf("%w (hint: the file system cannot be idmapped on this kernel, or is already)", err)
	}
	return err
}
