package doctor

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestPathFindings(t *testing.T) {
	state := func(change func(*pathFact)) Finding {
		p := pathFact{name: "state", path: "/run/keg", uid: 1000, exists: true, owner: 1000, mode: fs.ModeDir | 0o700}
		change(&p)
		return p.finding()
	}
	check(t, []Finding{
		state(func(*pathFact) {}),
		state(func(p *pathFact) { p.owner = 0 }),
		state(func(p *pathFact) { p.owner = 7 }),
		state(func(p *pathFact) { p.mode = fs.ModeSymlink | 0o777 }),
		state(func(p *pathFact) { p.mode |= 0o022 }),
		state(func(p *pathFact) { p.flags = syscall.MS_RDONLY }),
		state(func(p *pathFact) { p.flags = syscall.MS_NOEXEC | syscall.MS_NODEV }),
		state(func(p *pathFact) { p.flags, p.memfdForbidden = syscall.MS_NOEXEC, true }),
		state(func(p *pathFact) { p.err = errors.New("loop") }),
	},
		want{"state", OK, "/run/keg", ""},
		want{"state", OK, "", ""},
		want{"state", Error, "belongs to user 7", "--root"},
		want{"state", Error, "not a directory", "--root"},
		want{"state", Error, "written by others (0722)", "chmod go-w /run/keg"},
		want{"state", Error, "read-only", "--root"},
		want{"state", OK, "/run/keg (nodev,noexec)", ""},
		want{"state", Error, "memfd", "sysctl vm.memfd_noexec=1"},
		want{"state", Error, "loop", "--root"})
	cache := pathFact{name: "cache", path: "/c", flags: syscall.MS_NOEXEC | syscall.MS_NOSUID}
	check(t, []Finding{cache.finding()}, want{"cache", OK, "/c (nosuid,noexec)", ""})
}

// A directory that is still to be made is judged by what it will be made in.
func TestReadPath(t *testing.T) {
	dir := t.TempDir()
	p := pathFact{path: filepath.Join(dir, "a", "b")}
	if p.read(); p.exists || p.err != nil {
		t.Errorf("%+v", p)
	}
	if _, err := os.Stat(filepath.Join(dir, "a")); err == nil {
		t.Error("it was made")
	}
	p = pathFact{path: dir}
	if p.read(); !p.exists || p.err != nil || p.owner != os.Geteuid() || !p.mode.IsDir() {
		t.Errorf("%+v", p)
	}
	p = pathFact{path: "/proc/version/below-a-file"}
	if p.read(); p.err == nil {
		t.Errorf("%+v", p)
	}
	p = pathFact{path: "/proc/none"}
	var proc syscall.Statfs_t
	if err := syscall.Statfs("/proc", &proc); err != nil {
		t.Fatal(err)
	}
	if p.read(); p.flags != proc.Flags {
		t.Errorf("flags %#x, want those of /proc, %#x", p.flags, proc.Flags)
	}
}

func TestRuntimeDirectory(t *testing.T) {
	const name = "XDG_RUNTIME_DIR"
	m := &machine{uid: os.Geteuid(), user: "ann", Options: Options{StateRoot: "/tmp/keg-7"}}
	nobody := &machine{uid: 4294967, user: "ann", systemd: true, Options: m.Options}
	dir := t.TempDir()
	check(t, []Finding{
		runtimeDirectory(dir, m), runtimeDirectory(dir, nobody), runtimeDirectory("relative", nobody),
		runtimeDirectory(dir+"/none", nobody), runtimeDirectory("", nobody), runtimeDirectory("", &machine{uid: 4294967}),
	},
		want{name, OK, dir, ""},
		want{name, Warning, "another user", "/run/user/4294967"},
		want{name, Warning, "not absolute", "/run/user/4294967"},
		want{name, Warning, "no such file", "0700"},
		want{name, Warning, "the state is in /tmp/keg-7", "enable-linger ann"},
		want{name, Warning, "is not set", "make a directory of your own"})
}
