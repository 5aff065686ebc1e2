package plan

import (
	"slices"
	"strings"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/linux"
)

// mountAttr is what mount_setattr(2) sets, clears and propagates.
type mountAttr struct {
	set, clr, propagation uint64
}

// mountOptions is a mount's list of options, taken apart.
type mountOptions struct {
	flags     uint64    // MS_* for mount(2)
	attr      mountAttr // of the mount itself
	recursive mountAttr // of the mount and all below it
	data      []string  // for the file system

	bind, rbind, remount bool
	idmap, ridmap        bool
	copyUp               bool
	tmpUpper             bool // keg's own: an overlay that is thrown away
	rootLabel            string
}

// mountOption is one word of an option list.
type mountOption struct {
	name     string
	ms, attr uint64
	clear    bool // takes the flags away
	rec      bool // applies to the mounts below as well
	prop     uint64
	set      func(*mountOptions)
}

// mountOptionTable has every option of runtime-spec config.md#linux-mount-options,
// sorted by name, so that it is data and no package has to build a map at start.
var mountOptionTable = [...]mountOption{
	{name: "async", ms: linux.MS_SYNCHRONOUS, clear: true},
	{name: "atime", ms: linux.MS_NOATIME, attr: linux.MOUNT_ATTR_NOATIME, clear: true},
	{name: "bind", set: func(o *mountOptions) { o.bind = true }},
	{name: "defaults"},
	{name: "dev", ms: linux.MS_NODEV, attr: linux.MOUNT_ATTR_NODEV, clear: true},
	{name: "diratime", ms: linux.MS_NODIRATIME, attr: linux.MOUNT_ATTR_NODIRATIME, clear: true},
	{name: "dirsync", ms: linux.MS_DIRSYNC},
	{name: "exec", ms: linux.MS_NOEXEC, attr: linux.MOUNT_ATTR_NOEXEC, clear: true},
	{name: "idmap", set: func(o *mountOptions) { o.idmap = true }},
	{name: "iversion", ms: linux.MS_I_VERSION},
	{name: "lazytime", ms: linux.MS_LAZYTIME},
	{name: "loud", ms: linux.MS_SILENT, clear: true},
	{name: "mand", ms: linux.MS_MANDLOCK},
	{name: "noatime", ms: linux.MS_NOATIME, attr: linux.MOUNT_ATTR_NOATIME},
	{name: "nodev", ms: linux.MS_NODEV, attr: linux.MOUNT_ATTR_NODEV},
	{name: "nodiratime", ms: linux.MS_NODIRATIME, attr: linux.MOUNT_ATTR_NODIRATIME},
	{name: "noexec", ms: linux.MS_NOEXEC, attr: linux.MOUNT_ATTR_NOEXEC},
	{name: "noiversion", ms: linux.MS_I_VERSION, clear: true},
	{name: "nolazytime", ms: linux.MS_LAZYTIME, clear: true},
	{name: "nomand", ms: linux.MS_MANDLOCK, clear: true},
	{name: "norelatime", ms: linux.MS_RELATIME, attr: linux.MOUNT_ATTR_ATIME, clear: true},
	{name: "nostrictatime", ms: linux.MS_STRICTATIME, attr: linux.MOUNT_ATTR_STRICTATIME, clear: true},
	{name: "nosuid", ms: linux.MS_NOSUID, attr: linux.MOUNT_ATTR_NOSUID},
	{name: "nosymfollow", ms: linux.MS_NOSYMFOLLOW, attr: linux.MOUNT_ATTR_NOSYMFOLLOW},
	{name: "private", prop: linux.MS_PRIVATE},
	{name: "ratime", attr: linux.MOUNT_ATTR_NOATIME, clear: true, rec: true},
	{name: "rbind", set: func(o *mountOptions) { o.bind, o.rbind = true, true }},
	{name: "rdev", attr: linux.MOUNT_ATTR_NODEV, clear: true, rec: true},
	{name: "rdiratime", attr: linux.MOUNT_ATTR_NODIRATIME, clear: true, rec: true},
	{name: "relatime", ms: linux.MS_RELATIME, attr: linux.MOUNT_ATTR_ATIME, clear: true},
	{name: "remount", set: func(o *mountOptions) { o.remount = true }},
	{name: "rexec", attr: linux.MOUNT_ATTR_NOEXEC, clear: true, rec: true},
	{name: "ridmap", set: func(o *mountOptions) { o.idmap, o.ridmap = true, true }},
	{name: "rnoatime", attr: linux.MOUNT_ATTR_NOATIME, rec: true},
	{name: "rnodev", attr: linux.MOUNT_ATTR_NODEV, rec: true},
	{name: "rnodiratime", attr: linux.MOUNT_ATTR_NODIRATIME, rec: true},
	{name: "rnoexec", attr: linux.MOUNT_ATTR_NOEXEC, rec: true},
	{name: "rnorelatime", attr: linux.MOUNT_ATTR_ATIME, clear: true, rec: true},
	{name: "rnostrictatime", attr: linux.MOUNT_ATTR_STRICTATIME, clear: true, rec: true},
	{name: "rnosuid", attr: linux.MOUNT_ATTR_NOSUID, rec: true},
	{name: "rnosymfollow", attr: linux.MOUNT_ATTR_NOSYMFOLLOW, rec: true},
	{name: "ro", ms: linux.MS_RDONLY, attr: linux.MOUNT_ATTR_RDONLY},
	{name: "rprivate", prop: linux.MS_PRIVATE, rec: true},
	{name: "rrelatime", attr: linux.MOUNT_ATTR_ATIME, clear: true, rec: true},
	{name: "rro", attr: linux.MOUNT_ATTR_RDONLY, rec: true},
	{name: "rrw", attr: linux.MOUNT_ATTR_RDONLY, clear: true, rec: true},
	{name: "rshared", prop: linux.MS_SHARED, rec: true},
	{name: "rslave", prop: linux.MS_SLAVE, rec: true},
	{name: "rstrictatime", attr: linux.MOUNT_ATTR_STRICTATIME, rec: true},
	{name: "rsuid", attr: linux.MOUNT_ATTR_NOSUID, clear: true, rec: true},
	{name: "rsymfollow", attr: linux.MOUNT_ATTR_NOSYMFOLLOW, clear: true, rec: true},
	{name: "runbindable", prop: linux.MS_UNBINDABLE, rec: true},
	{name: "rw", ms: linux.MS_RDONLY, attr: linux.MOUNT_ATTR_RDONLY, clear: true},
	{name: "shared", prop: linux.MS_SHARED},
	{name: "silent", ms: linux.MS_SILENT},
	{name: "slave", prop: linux.MS_SLAVE},
	{name: "strictatime", ms: linux.MS_STRICTATIME, attr: linux.MOUNT_ATTR_STRICTATIME},
	{name: "suid", ms: linux.MS_NOSUID, attr: linux.MOUNT_ATTR_NOSUID, clear: true},
	{name: "symfollow", ms: linux.MS_NOSYMFOLLOW, attr: linux.MOUNT_ATTR_NOSYMFOLLOW, clear: true},
	{name: "sync", ms: linux.MS_SYNCHRONOUS},
	{name: "tmpcopyup", set: func(o *mountOptions) { o.copyUp = true }},
	{name: "tmpupper", set: func(o *mountOptions) { o.tmpUpper = true }},
	{name: "unbindable", prop: linux.MS_UNBINDABLE},
}

// MountOptions lists the options that keg knows, sorted, for `keg features`.
func MountOptions() []string {
	names := make([]string, len(mountOptionTable))
	for i := range mountOptionTable {
		names[i] = mountOptionTable[i].name
	}
	return names
}

func parseMountOptions(m *oci.Mount) mountOptions {
	var o mountOptions
	for _, word := range m.Options {
		if word == "" { // what Buildah makes of a volume without options
			continue
		}
		i, known := slices.BinarySearchFunc(mountOptionTable[:], word, func(m mountOption, w string) int { return strings.Compare(m.name, w) })
		if !known {
			o.data = append(o.data, word)
			continue
		}
		o.apply(&mountOptionTable[i])
	}
	o.bind = o.bind || m.Type == "bind"
	return o
}

func (o *mountOptions) apply(option *mountOption) {
	if option.set != nil {
		option.set(o)
		return
	}
	if option.clear {
		o.flags &^= option.ms
	} else {
		o.flags |= option.ms
	}
	attr := &o.attr
	if option.rec {
		attr = &o.recursive
	}
	if option.prop != 0 {
		attr.propagation = option.prop
	}
	attr.change(option.attr, option.clear)
}

const atimeAttrs = linux.MOUNT_ATTR_NOATIME | linux.MOUNT_ATTR_STRICTATIME | linux.MOUNT_ATTR_ATIME

// change sets or clears an attribute; the later word of a list wins. Access
// times are not bits but a field, which has to be cleared as a whole to be set.
func (a *mountAttr) change(attr uint64, clear bool) {
	if attr&atimeAttrs != 0 {
		a.clr |= linux.MOUNT_ATTR_ATIME
		a.set &^= atimeAttrs
		if !clear {
			a.set |= attr
		}
		return
	}
	if clear {
		a.set &^= attr
		a.clr |= attr
		return
	}
	a.clr &^= attr
	a.set |= attr
}

func (a mountAttr) empty() bool { return a == mountAttr{} }

func (o *mountOptions) dataText() string { return strings.Join(o.data, ",") }

// dataHas reports whether the file system's options set the key.
func (o *mountOptions) dataHas(key string) bool {
	return slices.ContainsFunc(o.data, func(s string) bool { return s == key || strings.HasPrefix(s, key+"=") })
}
