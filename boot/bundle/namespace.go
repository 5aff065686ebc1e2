package bundle

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"syscall"

	"github.com/keg-project/keg/linux"
)

// clear makes the file that a namespace will be bound to. What was bound there by
// an earlier run gives way, and comes back if something else fails.
func (s *setup) clear(ns namespaceFile) error {
	if ns.file == "" {
		return nil
	}
	p := place{"/", ns.file}
	if err := s.undo.makeFile(p); err != nil {
		return err
	}
	former, err := s.giveWay(p)
	if ns.name == "net" {
		s.former = former
	}
	return err
}

func (s *setup) bindNamespace(ns namespaceFile, pid int) error {
	if ns.file == "" {
		return nil
	}
	err := s.bindAny("/proc/"+strconv.Itoa(pid)+"/ns/"+ns.name, place{"/", ns.file})
	if errors.Is(err, syscall.EINVAL) && ns.name == "mnt" {
		return fmt.Errorf("%w (hint: the kernel takes it for older than keg's own mount namespace, unless that is the machine's first)", err)
	}
	return err
}

// bindAny: EINVAL is what bindApart is for.
func (s *setup) bindAny(source string, p place) error {
	err := s.bindFile(source, p)
	if errors.Is(err, syscall.EINVAL) {
		err = s.bindApart(source, p)
	}
	return err
}

func (s *setup) bindFile(source string, p place) error {
	f, err := p.open(0)
	if err != nil {
		return err
	}
	if err := linux.MountAt(source, linux.SelfFD(f), "", linux.MS_BIND, ""); err != nil {
		f.Close()
		return p.named(err)
	}
	s.undo.addMount(f)
	return nil
}

// bindApart binds a mount namespace where the file's mount is shared with that
// namespace: the bind would appear inside, and the kernel does not let a mount
// namespace hold itself. So the file is first made a mount that is private.
// copy_tree in fs/namespace.c
func (s *setup) bindApart(source string, p place) error {
	f, err := p.open(0)
	if err != nil {
		return err
	}
	if err := bindItself(f); err != nil {
		f.Close()
		return p.named(err)
	}
	s.undo.addMount(f)
	private := options{propagation: linux.MS_PRIVATE}
	if err := private.propagate(p); err != nil {
		return err
	}
	return s.bindFile(source, p)
}

// bindItself makes a file a mount.
func bindItself(f *os.File) error {
	tree, err := linux.OpenTree(linux.SelfFD(f), false)
	if err != nil {
		return err
	}
	defer tree.Close()
	return linux.AttachOn(tree, f)
}

// giveWay unmounts the namespaces that are bound to the file, and below one of a
// mount namespace what bindApart has put there.
func (s *setup) giveWay(p place) (former *os.File, err error) {
	for {
		// A container may have put a FIFO there, or a link to a file of the machine's.
		f, err := os.OpenFile(p.String(), os.O_RDONLY|syscall.O_NONBLOCK|syscall.O_NOFOLLOW, 0)
		if err != nil {
			return former, err
		}
		_, mounted, err := linux.MountOf(f)
		if err != nil || !mounted {
			f.Close()
			return former, err
		}
		_, err = linux.NamespaceType(int(f.Fd()))
		if err != nil && former == nil {
			f.Close()
			return nil, nil // somebody else's mount: the namespace goes on top
		}
		// f keeps it in use, for the way back.
		if err := p.at(func(name string) error { return linux.Unmount(name, linux.MNT_DETACH) }); err != nil {
			f.Close()
			return former, err
		}
		if err != nil {
			return former, f.Close()
		}
		former = f
		s.undo.hold(f)
		s.undo.add(func() error { return s.bindAny(linux.SelfFD(f), p) })
	}
}
