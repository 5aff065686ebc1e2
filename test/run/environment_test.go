package run

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// inRootfs writes a file of the bundle's root file system.
func inRootfs(t *testing.T, b *kegtest.Bundle, name, content string, mode os.FileMode) {
	t.Helper()
	path := filepath.Join(b.Dir, "rootfs", name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func TestArgumentsAndEnvironment(t *testing.T) {
	b := kegtest.NewBundle(t, "sh", "-c", `echo "$0|$1|$2"; env | sort`, "a b", "", "*")
	b.Spec.Process.Env = []string{"A=1", "HOME=/h", "B=x=y", "A=2", "EMPTY=", "PATH=/nowhere:/bin", "PATH=/bin"}
	// The shell adds PWD and SHLVL.
	want := []string{"a b||*", "A=2", "B=x=y", "EMPTY=", "HOME=/h", "PATH=/bin", "PWD=/", "SHLVL=1"}
	if got := strings.Split(strings.TrimSpace(b.Output()), "\n"); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// Of duplicates the last, once: not every program's getenv finds that one.
func TestDuplicateVariables(t *testing.T) {
	b := kegtest.NewBundle(t, "env")
	b.Spec.Process.Env = []string{"A=1", "HOME=/h", "PATH=/nowhere", "A=2", "A=", "PATH=/bin", "A=3"}
	if got, want := b.Output(), "HOME=/h\nPATH=/bin\nA=3\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// A relative program is relative to process.cwd.
func TestRelativeProgram(t *testing.T) {
	b := kegtest.NewBundle(t, "./busybox", "echo", "found")
	b.Spec.Process.Cwd = "/bin"
	if got := b.Output(); got != "found\n" {
		t.Errorf("%q", got)
	}
}

func TestPathLookUp(t *testing.T) {
	for _, c := range []struct {
		name, path string
		prepare    func(b *kegtest.Bundle)
		want, err  string
	}{
		{name: "first directory wins", path: "/one:/two", want: "one\n", prepare: func(b *kegtest.Bundle) {
			inRootfs(t, b, "one/prog", "#!/bin/sh\necho one\n", 0o755)
			inRootfs(t, b, "two/prog", "#!/bin/sh\necho two\n", 0o755)
		}},
		{name: "a directory of that name is passed over", path: "/one:/two", want: "two\n", prepare: func(b *kegtest.Bundle) {
			inRootfs(t, b, "one/prog/file", "", 0o644)
			inRootfs(t, b, "two/prog", "#!/bin/sh\necho two\n", 0o755)
		}},
		{name: "a file that is not executable is passed over", path: "/one:/two", want: "two\n", prepare: func(b *kegtest.Bundle) {
			inRootfs(t, b, "one/prog", "", 0o644)
			inRootfs(t, b, "two/prog", "#!/bin/sh\necho two\n", 0o755)
		}},
		{name: "a file on the way is passed over", path: "/one/file:/two", want: "two\n", prepare: func(b *kegtest.Bundle) {
			inRootfs(t, b, "one/file", "", 0o755)
			inRootfs(t, b, "two/prog", "#!/bin/sh\necho two\n", 0o755)
		}},
		{name: "a link that leads in a circle is passed over", path: "/one:/two", want: "two\n", prepare: func(b *kegtest.Bundle) {
			inRootfs(t, b, "two/prog", "#!/bin/sh\necho two\n", 0o755)
			os.Symlink("one", filepath.Join(b.Dir, "rootfs/one"))
		}},
		{name: "relative directories are not searched", path: "tmp:", prepare: func(b *kegtest.Bundle) {
			inRootfs(t, b, "tmp/prog", "#!/bin/sh\n", 0o755)
			inRootfs(t, b, "prog", "#!/bin/sh\n", 0o755)
		}, err: `keg: process.args[0]: find the program prog in $PATH: exec: "prog": executable file not found in $PATH`},
		{name: "nowhere", path: "/one:/two", prepare: func(*kegtest.Bundle) {},
			err: `keg: process.args[0]: find the program prog in $PATH: exec: "prog": executable file not found in $PATH`},
		{name: "not executable anywhere", path: "/one:/two", prepare: func(b *kegtest.Bundle) {
			inRootfs(t, b, "one/prog", "#!/bin/sh\n", 0o644)
		}, err: `keg: process.args[0]: find the program prog in $PATH: exec: "prog": permission denied` +
			" (hint: the file or a directory on the way is not executable for the container's user)"},
		{name: "empty", path: "", prepare: func(*kegtest.Bundle) {},
			err: `keg: process.args[0]: find the program prog in $PATH: exec: "prog": executable file not found in $PATH`},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := kegtest.NewBundle(t, "prog")
			b.Spec.Linux.Resources = nil
			b.Spec.Process.Env = []string{"PATH=" + c.path}
			c.prepare(b)
			r := b.Run()
			if c.err == "" && (r.Code != 0 || r.Stdout != c.want) {
				t.Errorf("exit status %d, %q\n%s", r.Code, r.Stdout, r.Stderr)
			}
			if c.err != "" && (r.Code != 1 || r.Stderr != c.err+"\n") {
				t.Errorf("exit status %d\n%s\nwant:\n%s", r.Code, r.Stderr, c.err)
			}
		})
	}
}

// Without PATH the program is found in the usual directories.
func TestDefaultPath(t *testing.T) {
	b := kegtest.NewBundle(t, "env")
	b.Spec.Process.Env = []string{"HOME=/"}
	if got := b.Output(); got != "HOME=/\n" {
		t.Errorf("%q", got)
	}
}

func TestHome(t *testing.T) {
	const passwd = "nonsense\nroot:x:0:0:root:/root:/bin/sh\nshort:x:7\nuser:x:1000:1000::/home/user:/bin/sh\nrel:x:8:8::home:/bin/sh\n"
	for _, c := range []struct {
		name string
		env  string
		uid  uint32
		path func(t *testing.T, path string)
		want string
	}{
		{name: "root", want: "/root"},
		{name: "set", env: "HOME=/set", want: "/set"},
		{name: "empty", env: "HOME=", want: "/root"},
		{name: "user", uid: 1000, want: "/home/user"},
		{name: "no entry", uid: 4711, want: "/"},
		{name: "no directory", uid: 7, want: "/"},
		{name: "relative directory", uid: 8, want: "/"},
		{name: "no file", path: func(*testing.T, string) {}, want: "/"},
		{name: "FIFO", path: func(t *testing.T, path string) { syscall.Mkfifo(path, 0o644) }, want: "/"},
		{name: "directory", path: func(t *testing.T, path string) { os.Mkdir(path, 0o755) }, want: "/"},
		{name: "device", path: func(t *testing.T, path string) { // which nobody drives: opening it fails
			syscall.Mknod(path, syscall.S_IFCHR|0o666, 60<<8|200)
		}, want: "/"},
		{name: "huge", path: func(t *testing.T, path string) {
			os.WriteFile(path, []byte("x:x:0:0:x:/first:x\n"), 0o644)
			os.Truncate(path, 1<<40)
		}, want: "/first"},
		{name: "huge, without an end of its line", path: func(t *testing.T, path string) {
			os.WriteFile(path, nil, 0o644)
			os.Truncate(path, 1<<40)
		}, want: "/"},
		{name: "no colons", path: func(t *testing.T, path string) { os.WriteFile(path, []byte("x"), 0o644) }, want: "/"},
		{name: "link to the host's", path: func(t *testing.T, path string) {
			os.Symlink("../../../../../../../../etc/host-passwd", path)
		}, want: "/"},
		{name: "link inside", path: func(t *testing.T, path string) {
			os.Symlink("/data/passwd", path)
			os.WriteFile(filepath.Join(path, "../../data/passwd"), []byte("x:x:0:0:x:/linked:x\n"), 0o644)
		}, want: "/linked"},
		{name: "below a file", path: func(t *testing.T, path string) {
			os.Remove(filepath.Join(path, "../group"))
			os.Remove(filepath.Dir(path))
			os.WriteFile(filepath.Dir(path), nil, 0o644)
		}, want: "/"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.uid != 0 || c.name == "device" {
				kegtest.NeedRoot(t)
			}
			b := kegtest.NewBundle(t, "sh", "-c", "echo $HOME")
			b.Spec.Process.User.UID = c.uid
			path := filepath.Join(b.Dir, "rootfs/etc/passwd")
			os.Remove(path)
			if c.path != nil {
				c.path(t, path)
			} else {
				inRootfs(t, b, "etc/passwd", passwd, 0o644)
			}
			if c.env != "" {
				b.Spec.Process.Env = append(b.Spec.Process.Env, c.env)
			}
			if got := strings.TrimSpace(b.Output()); got != c.want {
				t.Errorf("HOME is %q, want %q", got, c.want)
			}
		})
	}
}

// The file may come with a mount, as Docker's and Kubernetes' do.
func TestHomeFromMount(t *testing.T) {
	b := kegtest.NewBundle(t, "sh", "-c", "echo $HOME")
	file := filepath.Join(b.Dir, "passwd")
	if err := os.WriteFile(file, []byte("x:x:0:0:x:/mounted:x\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	b.Spec.Mounts = append(b.Spec.Mounts, oci.Mount{Type: "bind", Source: file, Destination: "/etc/passwd", Options: []string{"bind"}})
	if got := b.Output(); got != "/mounted\n" {
		t.Errorf("HOME is %q", got)
	}
}

func TestWorkingDirectory(t *testing.T) {
	for _, c := range []struct{ name, cwd, link, want string }{
		{"root", "/", "", "/"},
		{"there", "/data", "", "/data"},
		{"made", "/made/of/parts", "", "/made/of/parts"},
		{"symbolic link", "/data/link/below", "../tmp", "/tmp/below"},
		{"absolute symbolic link", "/data/link", "/tmp", "/tmp"},
		{"symbolic link upwards", "/data/link", "../../../../../../../../../../tmp", "/tmp"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := kegtest.NewBundle(t, "readlink", "/proc/self/cwd")
			b.Spec.Root.Readonly = false
			b.Spec.Process.Cwd = c.cwd
			if c.link != "" {
				if err := os.Symlink(c.link, filepath.Join(b.Dir, "rootfs/data/link")); err != nil {
					t.Fatal(err)
				}
			}
			if got := strings.TrimSpace(b.Output()); got != c.want {
				t.Errorf("in %q, want %q", got, c.want)
			}
		})
	}
}

func TestWorkingDirectoryErrors(t *testing.T) {
	for _, c := range []struct{ name, cwd, want string }{
		{"a file", "/etc/passwd", "keg: process.cwd: make and enter the working directory /etc/passwd: chdir /etc/passwd: not a directory\n"},
		{"out of reach of the user", "/data", "keg: process.cwd: enter /data as the final user, inside the root: chdir /data: permission denied" +
			" (hint: process.user may not enter the directory)\n"},
		{"a link in a circle", "/circle", "keg: process.cwd: make and enter the working directory /circle: openat2 circle: too many levels of symbolic links" +
			" (hint: a symbolic link on the way is refused, or leads in a circle; use a real directory)\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.cwd == "/data" {
				kegtest.NeedRoot(t)
			}
			b := kegtest.NewBundle(t, "pwd")
			b.Spec.Linux.Resources = nil
			b.Spec.Process.Cwd = c.cwd
			os.Symlink("circle", filepath.Join(b.Dir, "rootfs/circle"))
			if err := os.Chmod(filepath.Join(b.Dir, "rootfs/data"), 0o700); err != nil {
				t.Fatal(err)
			}
			if os.Geteuid() == 0 {
				b.Spec.Process.User = oci.User{UID: 1000, GID: 1000}
			}
			if r := b.Run(); r.Code != 1 || r.Stderr != c.want {
				t.Errorf("exit status %d\n%s\nwant:\n%s", r.Code, r.Stderr, c.want)
			}
		})
	}
}
