package box

import (
	"io/fs"
	"os"
	"path/filepath"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// A copy of this machine's root is not one overlay over "/": a user namespace
// gets all mounts locked together, and the kernel gives no private copy of a
// mount from which locked ones would have to be taken off (EINVAL; it would
// show what they cover). Directories that nothing is mounted in have no such
// ties, so each of them gets an overlay of its own.

// splitDepth is how deep directories with mounts inside are taken apart. What
// has mounts deeper than that is bound as a whole, read-only.
const splitDepth = 2

// fresh are the directories of "/" that a copy gets new.
var fresh = map[string]bool{"/proc": true, "/sys": true, "/dev": true, "/run": true, "/tmp": true}

// hostCopy collects what makes up the copy.
type hostCopy struct {
	points mountPoints
	mounts []specs.Mount
	links  map[string]string
	dirs   []string // with mounts inside: made, then filled
}

// hostRoot is a skeleton of symlinks and directories, kept in the cache, under
// a throw-away overlay, with this machine's directories mounted on it.
func hostRoot(c cache) (root, error) {
	points, err := readMountPoints()
	if err != nil {
		return root{}, err
	}
	entries, err := os.ReadDir("/")
	if err != nil {
		return root{}, err
	}
	h := hostCopy{points: points, links: map[string]string{}}
	h.addAll("/", entries, 1)
	path, err := c.build(textKey("host", h.describe()), h.skeleton)
	if err != nil {
		return root{}, err
	}
	h.mount("/run", "tmpfs", "tmpfs", "nosuid", "nodev", "mode=755")
	h.mount("/tmp", "tmpfs", "tmpfs", "nosuid", "nodev", "mode=1777")
	return root{path: path, names: "/", throwAway: true, mounts: h.mounts}, nil
}

func (h *hostCopy) addAll(dir string, entries []fs.DirEntry, depth int) {
	for _, e := range entries {
		if path := filepath.Join(dir, e.Name()); !fresh[path] {
			h.add(path, e, depth)
		}
	}
}

// add leaves out sockets, FIFOs and devices, which speak to this machine.
func (h *hostCopy) add(path string, e fs.DirEntry, depth int) {
	switch {
	case e.Type() == fs.ModeSymlink:
		if target, err := os.Readlink(path); err == nil { // else it has just gone
			h.links[path] = target
		}
	case e.Type().IsRegular():
		h.bindReadOnly(path)
	case e.IsDir():
		h.addDirectory(path, depth)
	}
}

func (h *hostCopy) addDirectory(path string, depth int) {
	stackable := h.points.stackable(path)
	if stackable && !h.points.beneath(path) {
		h.mount(path, "overlay", "overlay", "lowerdir="+path, upperOnTmpfs)
		return
	}
	if stackable && depth < splitDepth {
		if entries, err := os.ReadDir(path); err == nil {
			h.dirs = append(h.dirs, path)
			h.addAll(path, entries, depth+1)
			return
		}
	}
	h.bindReadOnly(path)
}

func (h *hostCopy) bindReadOnly(path string) {
	h.mount(path, "bind", path, "rbind", "rro", "nosuid", "nodev")
}

func (h *hostCopy) mount(destination, kind, source string, options ...string) {
	h.mounts = append(h.mounts, specs.Mount{Destination: destination, Type: kind, Source: source, Options: options})
}
