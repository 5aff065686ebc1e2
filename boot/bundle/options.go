package bundle

import (
	"slices"
	"strings"

	"github.com/keg-project/keg/linux"
)

// options is a mount's list of options, taken apart.
type options struct {
	flags         uint64
	propagation   uint64 // with MS_REC, if so
	bind, remount bool
	recursive     bool   // of the bind
	data          string // for the file system
}

// option is one word: flags that it sets, or clears.
type option struct {
	name  string
	flag  uint64
	clear bool
	kind  optionKind
}

type optionKind uint8

const (
	flagOption optionKind = iota
	bindOption
	remountOption
	propagationOption
)

// optionTable, sorted by name: LinuxKit's words, and with them those that it
// hands to the file system, which knows none of them: defaults, lazytime,
// nosymfollow, loud, silent, and propagation that is recursive.
var optionTable = [...]option{
	{name: "async", flag: linux.MS_SYNCHRONOUS, clear: true},
	{name: "atime", flag: linux.MS_NOATIME, clear: true},
	{name: "bind", kind: bindOption},
	{name: "defaults"},
	{name: "dev", flag: linux.MS_NODEV, clear: true},
	{name: "diratime", flag: linux.MS_NODIRATIME, clear: true},
	{name: "dirsync", flag: linux.MS_DIRSYNC},
	{name: "exec", flag: linux.MS_NOEXEC, clear: true},
	{name: "lazytime", flag: linux.MS_LAZYTIME},
	{name: "loud", flag: linux.MS_SILENT, clear: true},
	{name: "mand", flag: linux.MS_MANDLOCK},
	{name: "noatime", flag: linux.MS_NOATIME},
	{name: "nodev", flag: linux.MS_NODEV},
	{name: "nodiratime", flag: linux.MS_NODIRATIME},
	{name: "noexec", flag: linux.MS_NOEXEC},
	{name: "nolazytime", flag: linux.MS_LAZYTIME, clear: true},
	{name: "nomand", flag: linux.MS_MANDLOCK, clear: true},
	{name: "norelatime", flag: linux.MS_RELATIME, clear: true},
	{name: "nostrictatime", flag: linux.MS_STRICTATIME, clear: true},
	{name: "nosuid", flag: linux.MS_NOSUID},
	{name: "nosymfollow", flag: linux.MS_NOSYMFOLLOW},
	{name: "private", flag: linux.MS_PRIVATE, kind: propagationOption},
	{name: "rbind", flag: linux.MS_REC, kind: bindOption},
	{name: "relatime", flag: linux.MS_RELATIME},
	{name: "remount", kind: remountOption},
	{name: "ro", flag: linux.MS_RDONLY},
	{name: "rprivate", flag: linux.MS_PRIVATE | linux.MS_REC, kind: propagationOption},
	{name: "rshared", flag: linux.MS_SHARED | linux.MS_REC, kind: propagationOption},
	{name: "rslave", flag: linux.MS_SLAVE | linux.MS_REC, kind: propagationOption},
	{name: "runbindable", flag: linux.MS_UNBINDABLE | linux.MS_REC, kind: propagationOption},
	{name: "rw", flag: linux.MS_RDONLY, clear: true},
	{name: "shared", flag: linux.MS_SHARED, kind: propagationOption},
	{name: "silent", flag: linux.MS_SILENT},
	{name: "slave", flag: linux.MS_SLAVE, kind: propagationOption},
	{name: "strictatime", flag: linux.MS_STRICTATIME},
	{name: "suid", flag: linux.MS_NOSUID, clear: true},
	{name: "symfollow", flag: linux.MS_NOSYMFOLLOW, clear: true},
	{name: "sync", flag: linux.MS_SYNCHRONOUS},
	{name: "unbindable", flag: linux.MS_UNBINDABLE, kind: propagationOption},
}

// accessFlags exclude each other: mount(2) would choose between them.
const accessFlags = linux.MS_NOATIME | linux.MS_RELATIME | linux.MS_STRICTATIME

// parseOptions: of words that contradict each other the later one counts.
func parseOptions(m *Mount) options {
	o := options{bind: m.Type == "bind"}
	var data []string
	for _, word := range m.Options {
		i, known := slices.BinarySearchFunc(optionTable[:], word, func(o option, w string) int { return strings.Compare(o.name, w) })
		switch {
		case known:
			o.apply(&optionTable[i])
		case word != "":
			data = append(data, word)
		}
	}
	o.data = strings.Join(data, ",")
	return o
}

func (o *options) apply(w *option) {
	switch {
	case w.kind == bindOption:
		o.bind, o.recursive = true, o.recursive || w.flag != 0
	case w.kind == remountOption:
		o.remount = true
	case w.kind == propagationOption:
		o.propagation = w.flag
	case w.clear:
		o.flags &^= w.flag
	default:
		if w.flag&accessFlags != 0 {
			o.flags &^= accessFlags
		}
		o.flags |= w.flag
	}
}
