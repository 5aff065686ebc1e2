package launch

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/keg-project/keg/linux"
)

// copyDirs makes a directory to copy and one to copy into. On many machines /tmp
// is nosuid and nodev.
func copyDirs(t *testing.T) (from, to string) {
	t.Helper()
	dir, err := os.MkdirTemp("/var/tmp", "keg-test-copyup-")
	check(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	check(t, os.Chmod(dir, 0o755))
	from, to = filepath.Join(dir, "from"), filepath.Join(dir, "to")
	check(t, os.Mkdir(from, 0o755))
	check(t, os.Mkdir(to, 0o777))
	check(t, os.Chmod(to, 0o777))
	return from, to
}

func copyDir(t *testing.T, from, to string) error {
	t.Helper()
	var fds [2]*os.File
	for i, path := range []string{from, to} {
		f, err := os.OpenFile(path, 0x200000|syscall.O_DIRECTORY, 0) // O_PATH, as the init sends them
		check(t, err)
		defer f.Close()
		fds[i] = f
	}
	return copyUp(fds[0], fds[1])
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A tree with one of everything comes out the same.
func TestCopyUp(t *testing.T) {
	from, to := copyDirs(t)
	script := `set -e; cd "$1"; umask 022
mkdir -p a/b/c; printf hello > a/file; chmod 640 a/file
printf '#!/bin/sh\n' > a/setuid; ln -s ../a/file a/link; ln -s /nowhere/at/all dangling
ln a/file a/b/hard; ln a/file z; ln -P a/link a/b/hardlink; mkfifo -m 604 fifo
: > empty; truncate -s 40M sparse; printf tail >> sparse; printf x | dd of=sparse seek=5000000 bs=1 conv=notrunc 2>/dev/null
chmod 1777 a/b/c; chmod 750 a/b; touch 'a/with "quotes" and
newline' a/..dots`
	run(t, script, from)
	if os.Geteuid() == 0 {
		run(t, `set -e; cd "$1"; chown 12:34 a/file a/b; chown -h 7:8 dangling; mknod null c 1 3; mknod disk b 7 200; mkdir sg; chown 0:50 sg; chmod 2775 sg`, from)
		file := filepath.Join(from, "a/file")
		check(t, syscall.Setxattr(file, "trusted.colour", []byte("red\x00blue"), 0))
		check(t, syscall.Setxattr(filepath.Join(from, "a"), "trusted.dir", []byte("1"), 0))
		caps := []byte{1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}
		check(t, syscall.Setxattr(file, "security.capability", caps, 0))
		run(t, `chown 5:6 "$1"/a/setuid`, from)
	}
	run(t, `chmod 4755 "$1"/a/setuid; touch -h -d '2001-02-03 04:05:06.789' "$1"/a/file "$1"/a/link "$1"/dangling "$1"/fifo "$1"/a/b "$1"/a`, from)
	socket, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	check(t, err)
	defer syscall.Close(socket)
	check(t, syscall.Bind(socket, &syscall.SockaddrUnix{Name: filepath.Join(from, "socket")}))

	check(t, copyDir(t, from, to))
	list := `cd "$1"; find . -mindepth 1 -printf '%p %y %m %U:%G %n %T@ %l %s %D\n' | sed 's/ [0-9]*$//' | sort
find . -type f -exec md5sum {} + | sort; find . -type d -printf '%p %T@\n' | grep '/' | sort
find a -inum $(stat -c %i a/file) | sort; find . -type b -o -type c | xargs -r stat -c '%n %t:%T'`
	want, got := run(t, list, from), run(t, list, to)
	want, got = withoutDirSizes(want), withoutDirSizes(got)
	if got != want {
		t.Errorf("the copy differs:\n%s\nfrom:\n%s", got, want)
	}
	if os.Geteuid() == 0 {
		sameXattrs(t, from, to)
	}
	var st syscall.Stat_t
	check(t, syscall.Stat(filepath.Join(to, "sparse"), &st))
	if st.Blocks*512 > 1<<20 {
		t.Errorf("the holes of a sparse file take %d bytes", st.Blocks*512)
	}
	if links := strings.TrimSpace(run(t, `cd "$1"; find . -samefile a/file | sort | tr '\n' ' '`, to)); links != "./a/b/hard ./a/file ./z" {
		t.Errorf("linked are %s", links)
	}
}

// withoutDirSizes: a directory's size and the root's time are the file system's business.
func withoutDirSizes(list string) string {
	var out []string
	for line := range strings.Lines(list) {
		f := strings.Fields(line)
		if len(f) > 6 && f[1] == "d" {
			line = strings.Join(f[:len(f)-1], " ") + "\n"
		}
		if len(f) == 2 && f[0] == "." {
			continue
		}
		out = append(out, line)
	}
	return strings.Join(out, "")
}

func sameXattrs(t *testing.T, from, to string) {
	t.Helper()
	for _, x := range [][2]string{{"a/file", "trusted.colour"}, {"a", "trusted.dir"}, {"a/file", "security.capability"}} {
		var a, b [64]byte
		n, err := syscall.Getxattr(filepath.Join(from, x[0]), x[1], a[:])
		check(t, err)
		m, err := syscall.Getxattr(filepath.Join(to, x[0]), x[1], b[:])
		if err != nil || !bytes.Equal(a[:n], b[:m]) {
			t.Errorf("%s of %s: %q, %v, want %q", x[1], x[0], b[:max(m, 0)], err, a[:n])
		}
	}
}

func run(t *testing.T, script, dir string) string {
	t.Helper()
	out, err := exec.Command("sh", "-c", script, "sh", dir).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

// A link that points out of the tree is copied, never followed.
func TestCopyUpStaysInside(t *testing.T) {
	from, to := copyDirs(t)
	secret := filepath.Join(filepath.Dir(from), "secret")
	check(t, os.Mkdir(secret, 0o755))
	check(t, os.WriteFile(filepath.Join(secret, "key"), []byte("k"), 0o600))
	check(t, os.Symlink(secret, filepath.Join(from, "dir")))
	check(t, os.Symlink("../secret/key", filepath.Join(from, "key")))
	check(t, copyDir(t, from, to))
	for _, name := range []string{"dir", "key"} {
		if info, err := os.Lstat(filepath.Join(to, name)); err != nil || info.Mode()&os.ModeSymlink == 0 {
			t.Errorf("%s: %v, %v: not a symbolic link", name, info.Mode(), err)
		}
	}
}

// While a thread swaps a directory for a link that leads out of the tree,
// nothing from outside is copied.
func TestCopyUpRace(t *testing.T) {
	from, to := copyDirs(t)
	secret := filepath.Join(filepath.Dir(from), "secret")
	check(t, os.Mkdir(secret, 0o755))
	check(t, os.WriteFile(filepath.Join(secret, "f"), []byte("stolen\n"), 0o644))
	for i := 1; i <= 50; i++ {
		d := fmt.Sprint(from, "/d", i)
		check(t, os.Mkdir(d, 0o755))
		check(t, os.WriteFile(filepath.Join(d, "f"), []byte("mine\n"), 0o644))
		check(t, os.Symlink("../secret", fmt.Sprint(from, "/l", i)))
	}
	stop, stopped := make(chan bool), make(chan bool)
	go func() {
		defer close(stopped)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				n := i%50 + 1
				exchange(fmt.Sprint(from, "/d", n), fmt.Sprint(from, "/l", n))
			}
		}
	}()
	for i := range 20 {
		into := filepath.Join(to, fmt.Sprint(i))
		check(t, os.Mkdir(into, 0o755))
		if err := copyDir(t, from, into); err != nil && !strings.Contains(err.Error(), "file exists") {
			t.Error(err)
		}
	}
	close(stop)
	<-stopped
	if out := run(t, `grep -rl stolen "$1" || true`, to); out != "" { // grep -r follows no links
		t.Errorf("copied from %s:\n%s", secret, out)
	}
}

func exchange(a, b string) {
	os.Rename(a, a+".x")
	os.Rename(b, a)
	os.Rename(a, b)
	os.Rename(a+".x", a)
}

func TestCopyUpRefuses(t *testing.T) {
	t.Run("depth", func(t *testing.T) {
		from, to := copyDirs(t)
		check(t, os.MkdirAll(filepath.Join(from, strings.Repeat("d/", 300)), 0o755))
		err := copyDir(t, from, to)
		if err == nil || !strings.HasSuffix(err.Error(), "directories are nested more than 256 deep") {
			t.Error(err)
		}
	})
	t.Run("growing file", func(t *testing.T) {
		from, to := copyDirs(t)
		name := filepath.Join(from, "log")
		check(t, os.WriteFile(name, make([]byte, 1<<20), 0o644))
		stop := make(chan bool)
		go func() {
			f, _ := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
			defer f.Close()
			for end := time.Now().Add(2 * time.Second); time.Now().Before(end); {
				select {
				case <-stop:
					return
				default:
					f.Write(make([]byte, 64<<10))
				}
			}
		}()
		err := copyDir(t, from, to)
		close(stop)
		check(t, err)
	})
	t.Run("links", func(t *testing.T) {
		var l links
		long := "/" + strings.Repeat("x", 4000)
		var err error
		for i := 0; err == nil && i < 1e6; i++ {
			n := node{stat: linux.FileStat{Ino: uint64(i), Nlink: 2, Mode: syscall.S_IFREG}}
			err = l.remember(&n, long)
		}
		if err == nil || len(l.seen) > 5000 {
			t.Errorf("%v after %d files", err, len(l.seen))
		}
	})
}

// An ordinary user learns which file it is, and why.
func TestCopyUpAsOrdinaryUser(t *testing.T) {
	if dir := os.Getenv("COPYUP_AS_USER"); dir != "" {
		fmt.Printf("<%v>\n", copyDir(t, filepath.Join(dir, "from"), filepath.Join(dir, "to")))
		return
	}
	if os.Geteuid() != 0 {
		t.Skip("needs root, to make another's files")
	}
	for _, c := range []struct{ name, script, want string }{
		{"readable", `echo x > "$1"/f; chown -R 1000:1000 "$1"`, "<nil>"},
		{"unreadable", `mkdir "$1"/d; echo x > "$1"/d/f; chmod 600 "$1"/d/f`,
			`<tmpcopyup: "/d/f": open: permission denied (hint: keg runs as user 1000, who may not read this file, or may not give its copy the same owner and attributes)>`},
		{"another's", `echo x > "$1"/f`,
			`<tmpcopyup: "/f": give it to 0:0: fchownat: operation not permitted (hint: keg runs as user 1000, who may not read this file, or may not give its copy the same owner and attributes)>`},
		{"directory", `mkdir -m 700 "$1"/d`, `<tmpcopyup: "/d": openat2: permission denied (hint: keg runs as user 1000, who may not read this file, or may not give its copy the same owner and attributes)>`},
	} {
		t.Run(c.name, func(t *testing.T) {
			from, to := copyDirs(t)
			run(t, c.script, from)
			exe := filepath.Join(filepath.Dir(from), "test")
			self, err := os.ReadFile("/proc/self/exe")
			check(t, err)
			check(t, os.WriteFile(exe, self, 0o755))
			cmd := exec.Command(exe, "-test.run=^TestCopyUpAsOrdinaryUser$")
			cmd.Dir = filepath.Dir(to)
			cmd.Env = append(os.Environ(), "COPYUP_AS_USER="+filepath.Dir(from))
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 1000, Gid: 1000}}
			out, err := cmd.CombinedOutput()
			if err != nil || !strings.Contains(string(out), c.want) {
				t.Errorf("%v\n%s\nwant %s", err, out, c.want)
			}
		})
	}
}
