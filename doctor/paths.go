package doctor

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

const subjectPaths = "directories"

// pathFact is a directory that keg uses.
type pathFact struct {
	name, path, means string
	memfdForbidden    bool
	uid               int

	flags  int64 // of the mount that it is on, or will be
	exists bool
	owner  int
	mode   fs.FileMode
	err    error
}

func examinePaths(m *machine) []Finding {
	forbidden := content("/proc/sys/vm/memfd_noexec") == "2"
	list := []pathFact{
		{name: "state", path: m.StateRoot, means: "what keg knows of containers (--root)", memfdForbidden: forbidden},
		{name: "cache", path: cacheDirectory(), means: "root file systems of `keg shell`"},
		{name: "temporary files", path: os.TempDir(), means: "nothing of keg's while memfds can be executed", memfdForbidden: forbidden},
	}
	var found []Finding
	if m.uid != 0 {
		found = append(found, runtimeDirectory(os.Getenv("XDG_RUNTIME_DIR"), m))
	}
	for _, p := range list {
		if p.path == "" {
			continue
		}
		p.uid = m.uid
		p.read()
		found = append(found, p.finding())
	}
	return found
}

func cacheDirectory() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "keg")
}

// read looks at the directory or, where it is still to be made, at the nearest
// one above it.
func (p *pathFact) read() {
	info, err := os.Lstat(p.path)
	p.exists = err == nil
	if p.exists {
		p.mode, p.owner = info.Mode(), int(info.Sys().(*syscall.Stat_t).Uid)
	} else if !errors.Is(err, fs.ErrNotExist) {
		p.err = err
		return
	}
	for dir := p.path; ; dir = filepath.Dir(dir) {
		var st syscall.Statfs_t
		err := syscall.Statfs(dir, &st)
		if err == nil {
			p.flags = st.Flags
			return
		}
		if err != syscall.ENOENT || dir == "/" {
			p.err = &fs.PathError{Op: "statfs", Path: dir, Err: err}
			return
		}
	}
}

func (p pathFact) finding() Finding {
	found := ok(subjectPaths, p.name, p.path, p.means).detail()
	own := "choose another"
	if p.name == "state" {
		own = "name a directory of your own: keg --root DIR, or XDG_RUNTIME_DIR"
	}
	is := func(flag int64) bool { return p.flags&flag != 0 }
	switch {
	case p.err != nil:
		return found.bad(Error, p.err.Error(), own)
	case p.name == "state" && p.exists && !p.mode.IsDir():
		return found.bad(Error, p.path+" is not a directory", own)
	case p.name == "state" && p.exists && p.owner != p.uid && p.owner != 0:
		return found.bad(Error, fmt.Sprintf("%s belongs to user %d", p.path, p.owner), own)
	case p.name == "state" && p.exists && p.mode.Perm()&0o022 != 0:
		return found.bad(Error, fmt.Sprintf("%s can be written by others (%#o): they could have keg kill and remove what they like", p.path, p.mode.Perm()), "chmod go-w "+p.path)
	case is(syscall.MS_RDONLY):
		return found.bad(Error, p.path+" is on a file system that is mounted read-only", own)
	case is(syscall.MS_NOEXEC) && p.memfdForbidden && p.name == "state":
		return found.bad(Error, p.path+" is on a file system that is mounted noexec, while vm.memfd_noexec=2 forbids memfds: no container can be made", "sudo sysctl vm.memfd_noexec=1, or keg --root DIR on another file system")
	}
	if flags := mountFlags(p.flags); flags != "" {
		found.Found += " (" + flags + ")"
	}
	return found
}

func mountFlags(flags int64) string {
	var names []string
	for _, f := range []struct {
		flag int64
		name string
	}{{syscall.MS_RDONLY, "ro"}, {syscall.MS_NOSUID, "nosuid"}, {syscall.MS_NODEV, "nodev"}, {syscall.MS_NOEXEC, "noexec"}} {
		if flags&f.flag != 0 {
			names = append(names, f.name)
		}
	}
	return strings.Join(names, ",")
}

// runtimeDirectory judges XDG_RUNTIME_DIR, by which an ordinary user's tools find
// each other.
func runtimeDirectory(dir string, m *machine) Finding {
	found := ok(subjectPaths, "XDG_RUNTIME_DIR", dir, "state of an ordinary user's containers; the way to the user's systemd manager").detail()
	login := fmt.Sprintf("/run/user/%d", m.uid)
	enter := "log in through PAM (ssh, not su), or: sudo loginctl enable-linger " + m.account() + "; then export XDG_RUNTIME_DIR=" + login
	if !m.systemd {
		enter = "make a directory of your own (mode 0700), as " + login + ", and export XDG_RUNTIME_DIR with its name"
	}
	info, err := os.Stat(dir)
	switch {
	case dir == "" && exists(login):
		return found.bad(Note, "is not set; keg uses "+login, "export XDG_RUNTIME_DIR="+login)
	case dir == "":
		return found.bad(Warning, "is not set, and there is no "+login+": the state is in "+m.StateRoot+", where it may be cleared away", enter)
	case !filepath.IsAbs(dir):
		return found.bad(Warning, dir+" is not absolute, and is passed over", "export XDG_RUNTIME_DIR="+login)
	case err != nil:
		return found.bad(Warning, err.Error(), "make it (mode 0700), or export XDG_RUNTIME_DIR="+login)
	case int(info.Sys().(*syscall.Stat_t).Uid) != m.uid:
		return found.bad(Warning, dir+" belongs to another user", "export XDG_RUNTIME_DIR="+login)
	}
	return found
}
