package plan

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/linux"
)

// External is a mount of a container that no image of it holds: when it is made
// anew, it is taken from the host again, where the configuration says.
type External struct {
	Field  string
	Point  string // in the container, where links of the image's may lead elsewhere
	Name   string // in the images
	Source string // on the host
	Mask   bool   // of a path that need not be there, or may be a directory: that is the container's own
}

// maskName is what runc's images call a masked file.
const maskName = "/dev/null"

// Externals are the mounts that come from the host.
func Externals(in Input) []External {
	c := newCompiler(in)
	c.ns = namespacesOf(in.Spec.Linux)
	var list []External
	for i := range in.Spec.Mounts {
		list = append(list, c.externalMounts(&in.Spec.Mounts[i], index("mounts", i))...)
	}
	list = append(list, c.externalDevices()...)
	if l := in.Spec.Linux; l != nil {
		for i, p := range l.MaskedPaths {
			list = append(list, External{index("linux.maskedPaths", i), p, maskName, maskName, true})
		}
	}
	notify := External{"NOTIFY_SOCKET", notifyPath, notifyPath, in.NotifySocket, true}
	if notify.Source == "" || notify.Source[0] != '/' {
		notify.Source = maskName // who listened then is gone
	}
	return append(list, notify)
}

// externalMounts are those of one entry: a cgroup mount is several on v1.
func (c *compiler) externalMounts(m *oci.Mount, field string) []External {
	dest := path.Clean(m.Destination)
	o := parseMountOptions(m)
	switch {
	case o.remount:
		return nil
	case o.bind:
		return []External{{Field: field, Point: dest, Name: dest, Source: absolute(c.in.Bundle, m.Source)}}
	case m.Type != "cgroup" && m.Type != "cgroup2":
		return nil
	}
	var list []External
	for _, h := range c.in.Host.CgroupMounts {
		at := path.Join(dest, h.Name)
		list = append(list, External{Field: field, Point: at, Name: at, Source: h.Path})
	}
	return list
}

// externalDevices are binds of the host's devices.
func (c *compiler) externalDevices() []External {
	if !c.bindsDevices() || c.devIsBound() {
		return nil
	}
	devices := defaultDevices[:]
	if l := c.in.Spec.Linux; l != nil {
		devices = c.configuredDevices(l.Devices)
	}
	var list []External
	for i := range devices {
		if d := &devices[i]; d.kind != linux.S_IFIFO {
			list = append(list, External{Field: d.fieldOr("linux.devices"), Point: d.path, Name: d.path, Source: d.path})
		}
	}
	return list
}

// Restriction is what a mount must not be used for.
type Restriction struct {
	Field string
	Point string // in the container
	Set   uint64 // MOUNT_ATTR_*
	Mask  bool   // of a path that the configuration hides or protects, if it is there
}

// Restrictions are those of the mounts that may show the same files as others do.
// CRIU (3.17 at least) takes it for granted that such a mount has the other's
// flags, and loses those that this one has by itself: a second read-only mount
// of a directory, or of the null device, can be written to.
func Restrictions(in Input) []Restriction {
	const flags = linux.MOUNT_ATTR_RDONLY | linux.MOUNT_ATTR_NOSUID | linux.MOUNT_ATTR_NODEV | linux.MOUNT_ATTR_NOEXEC | linux.MOUNT_ATTR_NOSYMFOLLOW
	c := newCompiler(in)
	c.ns = namespacesOf(in.Spec.Linux)
	var list []Restriction
	for i := range in.Spec.Mounts {
		m := &in.Spec.Mounts[i]
		o := parseMountOptions(m)
		set := (o.attr.set | o.recursive.set) & flags
		if o.bind {
			if set != 0 {
				list = append(list, Restriction{Field: index("mounts", i), Point: m.Destination, Set: set})
			}
			continue
		}
		// As cgroupMount has it: from there the host's could be reached (CVE-2023-25809).
		if !c.ns.has(linux.CLONE_NEWCGROUP) || in.NoCgroup {
			set |= linux.MOUNT_ATTR_RDONLY
		}
		for _, e := range c.externalMounts(m, index("mounts", i)) {
			if set != 0 {
				list = append(list, Restriction{Field: e.Field, Point: e.Point, Set: set})
			}
		}
	}
	for _, e := range c.externalDevices() {
		list = append(list, Restriction{Field: e.Field, Point: e.Point, Set: linux.MOUNT_ATTR_RDONLY})
	}
	if l := in.Spec.Linux; l != nil {
		for i, p := range l.MaskedPaths {
			list = append(list, Restriction{index("linux.maskedPaths", i), p, linux.MOUNT_ATTR_RDONLY, true})
		}
		for i, p := range l.ReadonlyPaths {
			list = append(list, Restriction{index("linux.readonlyPaths", i), p, linux.MOUNT_ATTR_RDONLY, true})
		}
	}
	return list
}

// Restorable refuses what would be another container once it was made anew from
// images.
func Restorable(s *oci.Spec) error {
	var errs []error
	fail := func(field, why string) { errs = append(errs, fmt.Errorf("%s: %s", field, why)) }
	ns := namespacesOf(s.Linux)
	if s.Root == nil || !ns.isNew(linux.CLONE_NEWNS) {
		fail("linux.namespaces", "only a container with a root and a mount namespace of its own can be checkpointed and restored")
	}
	for _, kind := range []uint64{linux.CLONE_NEWUSER, linux.CLONE_NEWCGROUP} {
		if j, ok := ns.join(kind); ok {
			fail(j.field, "CRIU cannot restore a container into another's namespace of this type")
		}
	}
	if s.Process == nil {
		fail("process", "is missing: what the processes may do is held against it")
	}
	if unconfinedInit(s) {
		fail("annotations."+AnnotationInit, "the init has neither the seccomp filter nor the label, and in images nothing tells it from a program that lacks them")
	}
	if s.Annotations[AnnotationOverlay] != "" {
		fail("annotations."+AnnotationOverlay, "a layer that is thrown away is in no image: what was written to it would be lost")
	}
	for i := range s.Mounts {
		m := &s.Mounts[i]
		o := parseMountOptions(m)
		if o.idmap || len(m.UIDMappings) > 0 {
			fail(index("mounts", i), "CRIU would restore an idmapped mount without its mappings")
		}
		if o.tmpUpper {
			fail(index("mounts", i), "a layer that is thrown away is in no image: what was written to it would be lost")
		}
	}
	return errors.Join(errs...)
}

// Joined is a namespace that a container has from elsewhere.
type Joined struct {
	Field, Path string
	Kind        uint64
}

// JoinedNamespaces are those that linux.namespaces gives a path.
func JoinedNamespaces(s *oci.Spec) []Joined {
	var list []Joined
	for _, j := range namespacesOf(s.Linux).joined {
		list = append(list, Joined{j.field, j.path, j.kind})
	}
	return list
}

// Keyring is the name and the rights of the session keyring of a container that
// was made at that time.
func Keyring(id string, created int64) (name string, rights uint32) {
	return keyringName(id, created), keyringRights
}

// NamespaceFlag is the CLONE_NEW* of a type of namespace.
func NamespaceFlag(t oci.LinuxNamespaceType) uint64 { return kindOf(t) }

// MountPoint is a path in a container's root that a mount lies on.
type MountPoint struct {
	Field  string
	Path   string
	Source string // of a bind mount, which is a directory or not like its destination; "" for a file system
}

// MountPoints are those of linux.mounts that lie on the root itself. Those that
// lie on another mount are in that one's images, or on the host.
func MountPoints(s *oci.Spec, bundle string) []MountPoint {
	var list []MountPoint
	for i := range s.Mounts {
		m := &s.Mounts[i]
		o := parseMountOptions(m)
		dest := path.Clean("/" + m.Destination)
		if o.remount || slices.ContainsFunc(s.Mounts, func(other oci.Mount) bool {
			return strings.HasPrefix(dest, path.Clean("/"+other.Destination)+"/")
		}) {
			continue
		}
		p := MountPoint{Field: index("mounts", i), Path: dest}
		if o.bind {
			p.Source = absolute(bundle, m.Source)
		}
		list = append(list, p)
	}
	return list
}
