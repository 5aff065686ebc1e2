package run

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// Relative sources are relative to the bundle; what is missing is made as the
// source is: a directory, or a file.
func TestBindSources(t *testing.T) {
	b := bundle(t, `cat /a/deep/new/dir/f /etc/new/file /data2; test -f /etc/new/file && test -d /a/deep/new/dir && stat -c %a /a/deep /a/deep/new /etc/new`,
		bind("src", "/a/deep/new/dir"), bind("./src/f", "/etc/new/file"), bind("src/../src/f", "/x/../data2"))
	must(t, os.Mkdir(b.Dir+"/src", 0o755))
	must(t, os.WriteFile(b.Dir+"/src/f", []byte("content\n"), 0o644))
	wantOutput(t, b, "content\ncontent\ncontent\n755\n755\n755\n")
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Sockets, FIFOs and symbolic links' targets are bound as files are.
func TestBindSpecialFiles(t *testing.T) {
	tree := newHostTree(t, `mkfifo fifo; echo x > f; ln -s f link; mkdir d; ln -s d dirlink; python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("sock")'`)
	b := bundle(t, `stat -c '%n %F' /m/*; cat /m/link; ls -a /bin >/dev/null`,
		bind(tree.path("sock"), "/m/sock"), bind(tree.path("fifo"), "/m/fifo"), bind(tree.path("link"), "/m/link"),
		bind(tree.path("dirlink"), "/m/dir", "ro"), mount("bind", tree.path("sock"), "/m/ro", "rbind", "rro"))
	wantOutput(t, b, "/m/dir directory\n/m/fifo fifo\n/m/link regular file\n/m/ro socket\n/m/sock socket\nx\n")
}

func TestFileSystems(t *testing.T) {
	b := bundle(t, "cat /proc/self/mountinfo; ls /m/pts/ptmx /m/mqueue >/dev/null && cat /m/proc/1/comm",
		mount("proc", "proc", "/m/proc", "nosuid"), tmpfs("/m/tmp", "size=1m", "nr_inodes=20", "mode=700"),
		mount("devpts", "devpts", "/m/pts", "newinstance", "ptmxmode=0666", "mode=0620"),
		mount("mqueue", "mqueue", "/m/mqueue", "nosuid"))
	want := map[string]string{"proc": "nosuid", "tmpfs": "size=1024k nr_inodes=20 mode=700", "devpts": "ptmxmode=666 mode=620", "mqueue": "nosuid"}
	if os.Geteuid() == 0 { // sysfs belongs to the network namespace
		b.Spec.Mounts = append(b.Spec.Mounts, mount("sysfs", "sysfs", "/m/sysfs", "ro"))
		want["sysfs"] = "ro"
	}
	out := b.Output()
	for kind, options := range want {
		point := map[string]string{"tmpfs": "/m/tmp", "devpts": "/m/pts"}[kind]
		if point == "" {
			point = "/m/" + kind
		}
		m := mountAt(t, out, point)
		if m.kind != kind {
			t.Errorf("%s: a %s", point, m.kind)
		}
		m.wantOptions(t, options)
	}
}

// fsconfig(2) would end an option at 255 bytes: engines' overlays have longer ones.
func TestOverlay(t *testing.T) {
	kegtest.NeedRoot(t)
	tree := newHostTree(t, "mkdir upper work")
	var lower []string
	for i := range 12 {
		dir := tree.path(fmt.Sprint("a-long-name-of-a-layer-as-engines-have-them-", i))
		must(t, os.Mkdir(dir, 0o755))
		must(t, os.WriteFile(fmt.Sprint(dir, "/f", i), []byte{'0' + byte(i), '\n'}, 0o644))
		lower = append(lower, dir)
	}
	option := "lowerdir=" + strings.Join(lower, ":")
	if len(option) < 600 {
		t.Fatal("too short")
	}
	b := bundle(t, "cat /m/f0 /m/f9; ls /m | wc -l; echo new > /m/f0; rm /m/f1",
		mount("overlay", "overlay", "/m", option, "upperdir="+tree.path("upper"), "workdir="+tree.path("work"), "nodev"))
	wantOutput(t, b, "0\n9\n12\n")
	if text, err := os.ReadFile(tree.path("upper/f0")); err != nil || string(text) != "new\n" {
		t.Errorf("%q, %v", text, err)
	}
}

// Without mode= a tmpfs takes the mode of the directory it covers, 1777 if
// that was made for it.
func TestTmpfsMode(t *testing.T) {
	b := bundle(t, `for d in made covered sticky given ro; do stat -c "%n %a" /m/$d; done; touch /m/ro/x 2>/dev/null || echo read-only`,
		tmpfs("/m/made"), tmpfs("/m/covered"), tmpfs("/m/sticky"), tmpfs("/m/given", "mode=0751"), tmpfs("/m/ro", "ro"))
	for name, mode := range map[string]os.FileMode{"covered": 0o750, "sticky": 0o711 | os.ModeSetgid, "given": 0o700, "ro": 0o705} {
		dir := filepath.Join(b.Dir, "rootfs/m", name)
		must(t, os.MkdirAll(dir, 0o755))
		must(t, os.Chmod(dir, mode))
	}
	wantOutput(t, b, "/m/made 1777\n/m/covered 750\n/m/sticky 2711\n/m/given 751\n/m/ro 705\nread-only\n")
}

const covered = `mkdir -p "$1/sub/deep" "$1/bin"; cd "$1"; echo one > sub/f; chmod 644 sub/f; ln sub/f hard; ln -s sub/f link; chmod 2750 sub; echo x > bin/su; chmod 4755 bin/su`

func TestTmpCopyUp(t *testing.T) {
	for _, user := range []bool{false, true} {
		t.Run(fmt.Sprint("userns=", user), func(t *testing.T) {
			script := `cd /m; cat link; stat -c '%n %a %u:%g %h' . sub sub/f hard bin/su; echo changed > bin/su; cat bin/su; touch /ro/x 2>/dev/null || echo ro; ls /ro; ls /none`
			mounts := []oci.Mount{tmpfs("/m", "tmpcopyup", "size=1m"), tmpfs("/ro", "tmpcopyup", "ro", "mode=755"), tmpfs("/none", "tmpcopyup")}
			b := bundle(t, script, mounts...)
			if user {
				b = userBundle(t, script, mounts...)
			}
			dir := b.Dir + "/rootfs"
			newHostTree(t, strings.ReplaceAll(covered+"; chmod 711 .", "$1", dir+"/m"))
			newHostTree(t, "mkdir "+dir+"/ro; touch "+dir+"/ro/kept")
			uid := 0
			if os.Geteuid() == 0 {
				uid = 33
				shift := ""
				if user {
					shift = fmt.Sprint("; chown -hR ", subordinate, ":", subordinate, " ", dir)
				}
				base := subordinate
				if !user {
					base = 0
				}
				newHostTree(t, fmt.Sprintf("cd %s%s; chown %d:%d m m/sub/f; chmod 644 m/sub/f; chmod 4755 m/bin/su; chmod 2750 m/sub", dir, shift, base+33, base+33))
			}
			wantOutput(t, b, fmt.Sprintf("one\n. 711 %d:%d 4\nsub 2750 0:0 3\nsub/f 644 %d:%d 2\nhard 644 %d:%d 2\nbin/su 4755 0:0 1\nchanged\nro\nkept\n", uid, uid, uid, uid, uid, uid))
			if text, _ := os.ReadFile(dir + "/m/sub/f"); string(text) != "one\n" {
				t.Errorf("the image was changed: %q", text)
			}
		})
	}
}

// What a mount in the covered directory brings is not copied, its place is.
func TestTmpCopyUpKeepsToOneMount(t *testing.T) {
	b := bundle(t, "find /m | sort", bind("/bin", "/m/mounted"), bind("/bin/busybox", "/m/file"), tmpfs("/m", "tmpcopyup"))
	must(t, os.MkdirAll(b.Dir+"/rootfs/m/real", 0o755))
	wantOutput(t, b, "/m\n/m/file\n/m/mounted\n/m/real\n")
}

func TestTmpCopyUpRefused(t *testing.T) {
	wantRefused(t, bundle(t, "true", bind("/bin", "/m", "tmpcopyup")), "mounts[", "tmpcopyup", "tmpfs")
	b := bundle(t, "true", tmpfs("/m", "tmpcopyup", "size=64k"))
	must(t, os.MkdirAll(b.Dir+"/rootfs/m/d", 0o755))
	must(t, os.WriteFile(b.Dir+"/rootfs/m/d/large", make([]byte, 1<<20), 0o644))
	wantRefused(t, b, fmt.Sprintf("mounts[%d]: tmpcopyup: \"/d/large\":", len(b.Spec.Mounts)-1), "size=")
}

// Destinations lie under earlier mounts, in the listed order.
func TestMountOrder(t *testing.T) {
	b := bundle(t, "cat /m/a/f /m/b/busybox | head -c 3; ls /m; cat /proc/self/mountinfo",
		tmpfs("/m"), bind("src", "/m/a"), bind("/bin", "/m/b"), tmpfs("/m/c/d/e"))
	must(t, os.Mkdir(b.Dir+"/src", 0o755))
	must(t, os.WriteFile(b.Dir+"/src/f", []byte("on\n"), 0o644))
	out := b.Output()
	if !strings.HasPrefix(out, "on\na\nb\nc\n") {
		t.Error(out)
	}
	mountAt(t, out, "/m/c/d/e")
	if entries, _ := os.ReadDir(b.Dir + "/rootfs/m"); len(entries) != 0 {
		t.Errorf("made in the image instead of the mount: %v", entries)
	}
	b = bundle(t, "ls /m/a", bind("src", "/m/a"), tmpfs("/m")) // the other way round it is hidden
	must(t, os.Mkdir(b.Dir+"/src", 0o755))
	if r := b.Run(); r.Code == 0 {
		t.Error("a mount on top does not hide:", r.Stdout)
	}
}

// Symbolic links in the image are followed inside the root, and never lead
// out of it.
func TestSymlinkedDestinations(t *testing.T) {
	outside := newHostTree(t, "mkdir target")
	up := strings.Repeat("../", 30)
	for _, c := range []struct{ name, link, dest, want string }{
		{"relative", "real", "/m/link/x", "/m/real/x"},
		{"absolute", "/data/real", "/m/link/x", "/data/real/x"},
		{"absolute on the host", outside.path("target"), "/m/link/x", outside.path("target/x")},
		{"dots", up + "data", "/m/link/x", "/data/x"},
		{"dots to the host's", up + outside.path("target")[1:], "/m/link/x", outside.path("target/x")},
		{"last", "/data/real", "/m/link", "/data/real"},
		{"chain", "one", "/m/link/x", "/data/two/x"},
		{"dots in the destination", "/data/real", "/m/link/../../m/y", "/m/y"},
		{"through the root's parent", "/../../..", "/m/link/data", "/data"},
	} {
		// Made detached, bound, and made in place.
		for _, m := range []oci.Mount{tmpfs(c.dest), bind("/bin", c.dest), tmpfs(c.dest, "mode=755")} {
			t.Run(c.name+", "+m.Type, func(t *testing.T) {
				b := bundle(t, "cat /proc/self/mountinfo", m)
				root := b.Dir + "/rootfs"
				for _, d := range []string{"/m/real", "/data/real", "/data/two", outside.path("target")} {
					must(t, os.MkdirAll(root+d, 0o755))
				}
				must(t, os.Symlink("/m/two", root+"/m/one"))
				must(t, os.Symlink("../data/two", root+"/m/two"))
				must(t, os.Symlink(c.link, root+"/m/link"))
				mountAt(t, b.Output(), c.want)
			})
		}
	}
	if left, _ := os.ReadDir(outside.path("target")); len(left) > 0 {
		t.Errorf("made on the host: %v", left)
	}
}

func TestBadDestinations(t *testing.T) {
	for _, c := range []struct {
		name, link, dest string
		parts            []string
	}{
		{"dangling", "/nowhere/at/all", "/m/link", []string{"mounts[", "/m/link", "symbolic link"}},
		{"through a dangling link", "/nowhere", "/m/link/x", []string{"mounts[", "m/link", "symbolic link"}},
		{"loop", "link", "/m/link/x", []string{"mounts[", "m/link/x", "too many levels of symbolic links"}},
		{"through a file", "file", "/m/link/x", []string{"mounts[", "m/link/x", "not a directory"}},
		{"through a file itself", "file", "/m/file/x/y", []string{"mounts[", "m/file/x/y", "not a directory"}},
		{"root", "file", "/", []string{"mounts[", "destination", "would hide the container's root"}},
		{"root, disguised", "file", "/x/..", []string{"mounts[", "destination", "would hide the container's root"}},
		{"a file below a file system", "file", "/m/file", []string{"mounts[", "/m/file", "one of source and destination is a directory and the other is a file"}},
		{"in proc", "file", "/proc/new", []string{"mounts[", "/proc/new", "no such file or directory"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := bundle(t, "true", tmpfs(c.dest))
			must(t, os.MkdirAll(b.Dir+"/rootfs/m", 0o755))
			must(t, os.WriteFile(b.Dir+"/rootfs/m/file", nil, 0o644))
			must(t, os.Symlink(c.link, b.Dir+"/rootfs/m/link"))
			wantRefused(t, b, c.parts...)
			if _, err := os.Lstat(b.Dir + "/rootfs/nowhere"); err == nil {
				t.Error("the target of a dangling link was made")
			}
		})
	}
}

func TestBindKinds(t *testing.T) {
	b := bundle(t, "true", bind("/bin", "/m/file"))
	must(t, os.MkdirAll(b.Dir+"/rootfs/m", 0o755))
	must(t, os.WriteFile(b.Dir+"/rootfs/m/file", nil, 0o644))
	wantRefused(t, b, "mounts[", "/m/file", "invalid argument", "one of source and destination is a directory and the other is a file")
	wantRefused(t, bundle(t, "true", bind("/bin/busybox", "/tmp")), "mounts[", "/tmp", "invalid argument", "one of source and destination is a directory and the other is a file")
	wantRefused(t, bundle(t, "true", bind("/nowhere/at/all", "/m")), "mounts[", "/nowhere/at/all", "no such file or directory")
}

// In a user namespace that does not own the network namespace, sysfs is the
// host's, bound.
func TestSysfsFallback(t *testing.T) {
	b := userBundle(t, "cat /proc/self/mountinfo; ls /sys/kernel >/dev/null")
	b.Spec.Mounts = append(b.Spec.Mounts[:5:5], mount("sysfs", "sysfs", "/sys", "nosuid", "noexec", "nodev", "ro"))
	var kept []oci.LinuxNamespace
	for _, n := range b.Spec.Linux.Namespaces {
		if n.Type != oci.NetworkNamespace {
			kept = append(kept, n)
		}
	}
	b.Spec.Linux.Namespaces = kept
	m := mountAt(t, b.Output(), "/sys")
	if m.kind != "sysfs" {
		t.Errorf("a %s", m.kind)
	}
	m.wantOptions(t, "ro nosuid nodev noexec")
	if os.Geteuid() != 0 {
		return
	}
	// What the container mounts on it is the container's alone.
	const unchanged = `mount --make-rshared /; grep " /sys" /proc/self/mountinfo >$B/before; $run >/dev/null; grep " /sys" /proc/self/mountinfo >$B/after; diff $B/before $B/after`
	if r := onHost(t, b, unchanged); r.Code != 0 {
		t.Errorf("mounts of the container's show on the host: %s%s", r.Stdout, r.Stderr)
	}
}
