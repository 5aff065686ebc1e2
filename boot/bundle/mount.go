package bundle

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/keg-project/keg/linux"
)

// mount carries out entry i of mounts.
func (s *setup) mount(i int) error {
	m := &s.bundle.Runtime.Mounts[i]
	o := parseOptions(m)
	p := s.bundle.place(m.Destination)
	if err := s.makeTarget(p, m, &o); err != nil {
		return err
	}
	for _, word := range strings.Split(o.data, ",") {
		if err := s.makeUpper(at("mounts", i), word); err != nil {
			return err
		}
	}
	target, err := p.open(0)
	if err != nil {
		return err
	}
	if o.remount || m.Type == "" && !o.bind {
		defer target.Close()
		return o.change(m, p, target)
	}
	if s.before.take(target) { // by an earlier run, which may have been killed there
		target.Close()
		return o.propagate(p)
	}
	if err := s.mountOn(&o, m, p, target); err != nil {
		target.Close()
		return err
	}
	s.undo.addMount(target)
	return o.propagate(p)
}

// makeTarget makes what is mounted on: for a file that is bound, a file.
func (s *setup) makeTarget(p place, m *Mount, o *options) error {
	if !o.bind || o.remount {
		return s.undo.makeDir(p)
	}
	source, err := os.Stat(m.Source)
	if err != nil {
		return err
	}
	if source.IsDir() {
		return s.undo.makeDir(p)
	}
	return s.undo.makeFile(p)
}

// mountOn mounts something new. LinuxKit leaves all of it to one mount(2), which
// then does a part: a bind's "ro", and propagation, are left out without an error.
func (s *setup) mountOn(o *options, m *Mount, p place, target *os.File) error {
	if err := s.before.intend(target); err != nil {
		return err
	}
	if o.bind {
		return p.nameTarget(o.bindOn(m.Source, target), target.Name())
	}
	err := p.named(linux.MountAt(m.Source, linux.SelfFD(target), m.Type, o.flags, o.data))
	if hint := overlayHint(o.data); err != nil && m.Type == "overlay" && hint != "" {
		return fmt.Errorf("%w (hint: %s)", err, hint)
	}
	return err
}

// change changes what is mounted at target already.
func (o *options) change(m *Mount, p place, target *os.File) error {
	if o.remount {
		flags := o.flags | linux.MS_REMOUNT
		if o.bind {
			flags |= linux.MS_BIND
		}
		if err := linux.MountAt(m.Source, linux.SelfFD(target), m.Type, flags, o.data); err != nil {
			return p.named(err)
		}
	}
	return o.propagate(p)
}

// propagate opens the place again: what was opened before is below the mount.
func (o *options) propagate(p place) error {
	if o.propagation == 0 {
		return nil
	}
	top, err := p.open(0)
	if err != nil {
		return err
	}
	defer top.Close()
	return p.named(linux.MountAt("", linux.SelfFD(top), "", o.propagation, ""))
}

// bindOn binds by a detached copy, which has its flags before it is seen.
func (o *options) bindOn(source string, target *os.File) error {
	tree, err := linux.OpenTree(source, o.recursive)
	if err != nil {
		return err
	}
	defer tree.Close()
	if clear, set := o.attributes(); clear|set != 0 {
		if err := linux.SetMountAttr(tree, clear, set); err != nil {
			return err
		}
	}
	return linux.AttachOn(tree, target)
}

// nameTarget names p in an error that is about where it is mounted.
func (p place) nameTarget(err error, target string) error {
	var path *os.PathError
	if errors.As(err, &path) && path.Path == target {
		return p.named(err)
	}
	return err
}

// attributes are the flags that a mount has by itself, as mount_setattr(2) takes
// them. Those of the file system are none of a bind's.
func (o *options) attributes() (clear, set uint64) {
	if o.flags&accessFlags != 0 {
		clear = linux.MOUNT_ATTR_ATIME
	}
	for _, f := range [...]struct{ ms, attr uint64 }{
		{linux.MS_RDONLY, linux.MOUNT_ATTR_RDONLY},
		{linux.MS_NOSUID, linux.MOUNT_ATTR_NOSUID},
		{linux.MS_NODEV, linux.MOUNT_ATTR_NODEV},
		{linux.MS_NOEXEC, linux.MOUNT_ATTR_NOEXEC},
		{linux.MS_NODIRATIME, linux.MOUNT_ATTR_NODIRATIME},
		{linux.MS_NOATIME, linux.MOUNT_ATTR_NOATIME},
		{linux.MS_RELATIME, linux.MOUNT_ATTR_RELATIME},
		{linux.MS_STRICTATIME, linux.MOUNT_ATTR_STRICTATIME},
		{linux.MS_NOSYMFOLLOW, linux.MOUNT_ATTR_NOSYMFOLLOW},
	} {
		if o.flags&f.ms != 0 {
			set |= f.attr
		}
	}
	return clear, set
}

// what is the mount in words.
func (m *Mount) what() string {
	switch {
	case m.Type == "" && m.Source == "":
		return strings.Join(m.Options, ",")
	case m.Type == "":
		return "bind " + m.Source
	}
	return m.Type
}
