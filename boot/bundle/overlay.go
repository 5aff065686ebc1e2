package bundle

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// makeUpper makes the directories that an overlay writes to, as LinuxKit's images
// rely on: theirs are on a tmpfs that was mounted just before.
func (s *setup) makeUpper(field, option string) error {
	key, dir, _ := strings.Cut(option, "=")
	if key != "upperdir" && key != "workdir" || dir == "" {
		return nil
	}
	p, err := onMachine(dir)
	if err != nil {
		return err
	}
	before := len(s.undo.steps)
	if err := s.undo.makeDir(p); err != nil {
		return err
	}
	made := len(s.undo.steps) - before
	if made == 0 {
		return nil
	}
	first := p
	for range made - 1 {
		first = first.parent()
	}
	s.doubt(field, option, first)
	if key != "workdir" {
		return nil
	}
	// The kernel makes directories of its own in a workdir, and leaves them, some
	// versions also if the mount fails. ovl_workdir_create in fs/overlayfs/super.c
	for _, name := range []string{"work", "index"} {
		s.undo.add(place{p.root, filepath.Join(p.path, name)}.remove)
	}
	return nil
}

// doubt says that a directory was made out of nothing that is in none that the
// runtime.json mounts or makes: misspelt, it takes the writes elsewhere than where
// they were meant to be.
func (s *setup) doubt(field, option string, made place) {
	for _, dir := range s.odd {
		if isIn(made.String(), dir) {
			return
		}
	}
	for _, name := range s.bundle.Runtime.named() {
		if isIn(made.String(), s.bundle.place(name).String()) {
			return
		}
	}
	s.odd = append(s.odd, made.String())
	s.say("%s: runtime.json: %s: %s: %s was not there, and is made: nothing else in the file names it, is it misspelt?",
		s.bundle.Title, field, option, made)
}

// named are the directories that are mounted on, or made.
func (r *Runtime) named() []string {
	var list []string
	for i := range r.Mounts {
		list = append(list, r.Mounts[i].Destination)
	}
	return append(list, r.Mkdir...)
}

func isIn(path, dir string) bool { return path == dir || strings.HasPrefix(path, dir+"/") }

// overlayOptions are those of the kernel's. fs/overlayfs/params.c
var overlayOptions = strings.Fields("lowerdir lowerdir+ datadir+ upperdir workdir default_permissions redirect_dir index uuid nfs_export userxattr xino metacopy verity volatile override_creds nooverride_creds")

// overlayHint is why an overlay may not have been mounted: the kernel tells that in
// its log alone.
func overlayHint(data string) string {
	var lower []string
	dirs := map[string]string{}
	for _, word := range strings.Split(data, ",") {
		key, value, _ := strings.Cut(word, "=")
		if key != "" && !slices.Contains(overlayOptions, key) {
			return key + " is no option of overlay's"
		}
		dirs[key] = value
		if key == "lowerdir" {
			lower = append(lower, strings.Split(value, ":")...)
		}
	}
	for _, dir := range lower {
		if err := noDirectory(dir); err != nil && dir != "" && !strings.Contains(dir, `\`) {
			return "lowerdir: " + dir + ": " + err.Error()
		}
	}
	upper, work := dirs["upperdir"], dirs["workdir"]
	switch {
	case lower == nil && dirs["lowerdir+"] == "":
		return "it has no lowerdir"
	case upper != "" && work == "":
		return "it has an upperdir, and no workdir"
	case upper != "" && !sameFileSystem(upper, work):
		return "upperdir and workdir are on different file systems"
	}
	return ""
}

func noDirectory(path string) error {
	st, err := os.Stat(path)
	var of *os.PathError
	switch {
	case errors.As(err, &of):
		return of.Err
	case err == nil && !st.IsDir():
		return syscall.ENOTDIR
	}
	return err
}

func sameFileSystem(a, b string) bool {
	var one, other syscall.Stat_t
	return syscall.Stat(a, &one) != nil || syscall.Stat(b, &other) != nil || one.Dev == other.Dev
}
