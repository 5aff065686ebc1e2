package box

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// root is a root file system, ready to be used.
type root struct {
	path      string        // absolute
	throwAway bool          // nothing may be written to it
	names     string        // where etc/passwd and etc/group are read
	mounts    []specs.Mount // that make up the rest of it, before all others
}

// prepare finds or makes the root that was asked for.
func prepare(o *Options) (root, error) {
	if o.Host {
		return withCache(hostRoot)
	}
	if o.Root == "" {
		return busyboxBox(o)
	}
	path, err := filepath.Abs(o.Root)
	if err != nil {
		return root{}, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return root{}, fmt.Errorf("ROOT: %w: must be a directory or an archive (tar, tar.gz, tar.zst) of a root file system; in front of a command belongs --", err)
	}
	if info.IsDir() {
		return directoryRoot(o, path)
	}
	if !info.Mode().IsRegular() {
		return root{}, fmt.Errorf("ROOT %s: is neither a directory nor an archive", path)
	}
	return archiveBox(o, path, info)
}

func withCache(make func(cache) (root, error)) (root, error) {
	c, err := openCache()
	if err != nil {
		return root{}, err
	}
	return make(c)
}

// directoryRoot is used as it is: what changes, stays.
func directoryRoot(o *Options, path string) (root, error) {
	if o.Keep != "" {
		return root{}, fmt.Errorf("--keep %s: the directory %s is used as it is, and keeps its changes anyway", o.Keep, path)
	}
	return root{path: path, names: path}, nil
}

func busyboxBox(o *Options) (root, error) {
	if o.Keep != "" {
		return keptRoot(o.Keep, func(dir string) error {
			b, err := findBusybox(busyboxCandidates())
			if err != nil {
				return err
			}
			return b.populate(dir)
		})
	}
	return withCache(func(c cache) (root, error) {
		path, err := busyboxRoot(c, busyboxCandidates())
		return root{path: path, names: path, throwAway: true}, err
	})
}

func archiveBox(o *Options, archive string, info os.FileInfo) (root, error) {
	if o.Keep != "" {
		return keptRoot(o.Keep, func(dir string) error { return unpack(archive, dir, o.warn) })
	}
	return withCache(func(c cache) (root, error) {
		path, err := archiveRoot(c, archive, info, o.warn)
		return root{path: path, names: path, throwAway: true}, err
	})
}
