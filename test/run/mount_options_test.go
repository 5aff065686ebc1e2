package run

import (
	"fmt"
	"strings"
	"testing"

	"github.com/keg-project/keg/plan"
	"github.com/keg-project/keg/test/kegtest"
)

// fsOptions are the options of runtime-spec config.md#linux-mount-options on a
// new file system, and what mountinfo then shows.
var fsOptions = []struct{ options, want string }{
	{"defaults", "rw relatime"},
	{"ro", "ro"}, {"rw", "rw"}, {"ro rw", "rw"}, {"rw ro", "ro"},
	{"nosuid", "nosuid"}, {"suid", "-nosuid"}, {"nosuid suid", "-nosuid"}, {"suid nosuid", "nosuid"},
	{"nodev", "nodev"}, {"nodev dev", "-nodev"}, {"noexec", "noexec"}, {"noexec exec", "-noexec"},
	{"noatime", "noatime -relatime"}, {"noatime atime", "-noatime relatime"}, {"atime", "relatime"},
	{"nodiratime", "nodiratime"}, {"nodiratime diratime", "-nodiratime"},
	{"relatime", "relatime"}, {"norelatime", "rw"}, {"strictatime", "-relatime -noatime"},
	{"strictatime nostrictatime", "relatime"}, {"nostrictatime", "relatime"},
	{"sync", "sync"}, {"sync async", "-sync"}, {"dirsync", "dirsync"},
	{"mand", "rw"}, {"mand nomand", "-mand"}, {"iversion", "rw"}, {"iversion noiversion", "-iversion"},
	{"lazytime", "lazytime"}, {"lazytime nolazytime", "-lazytime"},
	{"silent", "rw"}, {"silent loud", "rw"}, {"nosymfollow", "nosymfollow"}, {"nosymfollow symfollow", "-nosymfollow"},
	{"rro", "ro"}, {"rro rrw", "rw"}, {"rnosuid", "nosuid"}, {"rnosuid rsuid", "-nosuid"},
	{"rnodev", "nodev"}, {"rnodev rdev", "-nodev"}, {"rnoexec", "noexec"}, {"rnoexec rexec", "-noexec"},
	{"rnoatime", "noatime"}, {"rnoatime ratime", "-noatime relatime"}, {"rnodiratime", "nodiratime"},
	{"rnodiratime rdiratime", "-nodiratime"}, {"rrelatime", "relatime"}, {"rnorelatime", "rw"},
	{"rstrictatime", "-relatime -noatime"}, {"rstrictatime rnostrictatime", "relatime"},
	{"rnosymfollow", "nosymfollow"}, {"rnosymfollow rsymfollow", "-nosymfollow"},
	{"nosuid nodev noexec ro noatime nodiratime", "nosuid nodev noexec ro noatime nodiratime"},
}

func TestFileSystemOptions(t *testing.T) {
	b := bundle(t, "cat /proc/self/mountinfo")
	for i, o := range fsOptions {
		b.Spec.Mounts = append(b.Spec.Mounts, tmpfs(fmt.Sprint("/m/", i), strings.Fields(o.options)...))
	}
	out := b.Output()
	for i, o := range fsOptions {
		t.Run(o.options, func(t *testing.T) { mountAt(t, out, fmt.Sprint("/m/", i)).wantOptions(t, o.want) })
	}
}

// bindOptions: what a bind of a mount with a mount below shows for both.
// "flagged" sources have ro, nosuid, nodev, noexec, noatime, nodiratime and
// nosymfollow to begin with.
var bindOptions = []struct{ source, options, top, below string }{
	{"plain", "rbind", "rw relatime -nosuid -nodev", "rw relatime -nosuid"},
	{"flagged", "rbind", "ro nosuid nodev noexec noatime nodiratime nosymfollow", "ro nosuid nodev noexec noatime nodiratime nosymfollow"},
	{"plain", "rbind ro", "ro", "rw"}, {"plain", "rbind rro", "ro", "ro"},
	{"flagged", "rbind rw", "rw nosuid nodev", "ro"}, {"flagged", "rbind rrw", "rw nosuid", "rw nosuid"},
	{"plain", "rbind ro rw", "rw", "rw"}, {"plain", "rbind rro rrw", "rw", "rw"}, {"plain", "rbind rrw rro", "ro", "ro"},
	{"plain", "rbind nosuid", "nosuid", "-nosuid"}, {"plain", "rbind rnosuid", "nosuid", "nosuid"},
	{"flagged", "rbind suid", "-nosuid nodev", "nosuid"}, {"flagged", "rbind rsuid", "-nosuid nodev", "-nosuid nodev"},
	{"plain", "rbind nodev", "nodev", "-nodev"}, {"plain", "rbind rnodev", "nodev", "nodev"},
	{"flagged", "rbind dev", "-nodev", "nodev"}, {"flagged", "rbind rdev", "-nodev nosuid", "-nodev nosuid"},
	{"plain", "rbind noexec", "noexec", "-noexec"}, {"plain", "rbind rnoexec", "noexec", "noexec"},
	{"flagged", "rbind exec", "-noexec", "noexec"}, {"flagged", "rbind rexec", "-noexec nodev", "-noexec nodev"},
	{"plain", "rbind noatime", "noatime -relatime", "relatime"}, {"plain", "rbind rnoatime", "noatime", "noatime"},
	{"flagged", "rbind atime", "relatime -noatime", "noatime"}, {"flagged", "rbind ratime", "relatime -noatime", "relatime -noatime"},
	{"plain", "rbind nodiratime", "nodiratime", "-nodiratime"}, {"plain", "rbind rnodiratime", "nodiratime", "nodiratime"},
	{"flagged", "rbind diratime", "-nodiratime", "nodiratime"}, {"flagged", "rbind rdiratime", "-nodiratime noatime", "-nodiratime noatime"},
	{"flagged", "rbind relatime", "relatime -noatime", "noatime"}, {"flagged", "rbind rrelatime", "relatime -noatime", "relatime -noatime"},
	{"plain", "rbind norelatime", "rw", "relatime"}, {"plain", "rbind rnorelatime", "rw", "rw"},
	{"plain", "rbind strictatime", "-relatime -noatime", "relatime"}, {"plain", "rbind rstrictatime", "-relatime -noatime", "-relatime -noatime"},
	{"plain", "rbind strictatime nostrictatime", "relatime", "relatime"}, {"plain", "rbind rstrictatime rnostrictatime", "relatime", "relatime"},
	{"plain", "rbind nosymfollow", "nosymfollow", "-nosymfollow"}, {"plain", "rbind rnosymfollow", "nosymfollow", "nosymfollow"},
	{"flagged", "rbind symfollow", "-nosymfollow", "nosymfollow"}, {"flagged", "rbind rsymfollow", "-nosymfollow nodev", "-nosymfollow nodev"},
	{"plain", "rbind defaults silent loud async nomand nolazytime noiversion", "rw relatime", "rw"},
}

const sources = `
for s in plain flagged; do
	mkdir -p $B/$s; mount -t tmpfs $s $B/$s; mkdir $B/$s/below; mount -t tmpfs $s $B/$s/below
done
for m in flagged/below flagged; do mount -o remount,bind,ro,nosuid,nodev,noexec,noatime,nodiratime,nosymfollow $B/$m; done
`

func TestBindOptions(t *testing.T) {
	kegtest.NeedRoot(t)
	b := bundle(t, "cat /proc/self/mountinfo")
	for i, o := range bindOptions {
		m := mount("bind", o.source, fmt.Sprint("/m/", i), strings.Fields(o.options)...) // relative to the bundle
		b.Spec.Mounts = append(b.Spec.Mounts, m)
	}
	out := onHostOutput(t, b, sources+"exec $run")
	for i, o := range bindOptions {
		t.Run(o.source+" "+o.options, func(t *testing.T) {
			mountAt(t, out, fmt.Sprint("/m/", i)).wantOptions(t, o.top)
			mountAt(t, out, fmt.Sprint("/m/", i, "/below")).wantOptions(t, o.below)
		})
	}
}

// Every option that `keg features` tells of is in one of the tables, or has a
// test of its own.
func TestEveryOptionIsTested(t *testing.T) {
	tested := map[string]bool{}
	for _, own := range strings.Fields(`bind rbind remount tmpcopyup tmpupper idmap ridmap
		private rprivate shared rshared slave rslave unbindable runbindable`) {
		tested[own] = true
	}
	for _, o := range fsOptions {
		for _, w := range strings.Fields(o.options) {
			tested[w] = true
		}
	}
	for _, name := range plan.MountOptions() {
		if !tested[name] {
			t.Errorf("no test of mount option %s", name)
		}
	}
}

// A bind is read-only for the mount, not for a mount below, and without
// options it keeps the mounts below out.
func TestBindIsNotRecursive(t *testing.T) {
	kegtest.NeedRoot(t)
	b := bundle(t, "ls /m; touch /m/x 2>&1; echo $?", bind("plain", "/m", "ro"))
	out := onHostOutput(t, b, sources+"touch $B/plain/below/hidden; exec $run")
	if want := "below\ntouch: /m/x: Read-only file system\n1\n"; out != want {
		t.Errorf("got\n%s", out)
	}
	b = bundle(t, "ls /m/below", bind("plain", "/m"))
	if out := onHostOutput(t, b, sources+"touch $B/plain/below/hidden; exec $run"); out != "" {
		t.Errorf("a mount below the source of a bind is there: %s", out)
	}
}

// Read-only from the first moment: while containers start, one that shares the
// propagation of the destination never sees it writable.
func TestReadonlyBindBeforeAttached(t *testing.T) {
	b := bundle(t, "true", bind("/bin", "/m", "ro", "nosuid"))
	b.Write()
	r := b.Keg("explain", "-v", "-b", b.Dir)
	if r.Code != 0 {
		t.Fatal(r.Stderr)
	}
	_, steps, ok := strings.Cut(r.Stdout, "bind /bin on /m")
	set, move := strings.Index(steps, "mount_setattr"), strings.Index(steps, "move_mount")
	if !ok || set < 0 || move < set {
		t.Errorf("mount_setattr at %d, move_mount at %d:\n%s", set, move, steps)
	}
}

func TestRemount(t *testing.T) {
	b := bundle(t, "cat /proc/self/mountinfo", tmpfs("/m", "size=64k"),
		mount("", "tmpfs", "/m", "remount", "ro", "size=128k", "nosuid"),
		bind("/bin", "/n"), mount("", "", "/n", "remount", "bind", "ro", "nodev"))
	out := b.Output()
	mountAt(t, out, "/m").wantOptions(t, "ro nosuid size=128k")
	mountAt(t, out, "/n").wantOptions(t, "ro nodev")
}

func TestUnknownOption(t *testing.T) {
	for _, c := range []struct {
		name  string
		m     []string
		parts []string
	}{
		{"tmpfs", []string{"tmpfs", "nosuid", "colour=red"}, []string{"mounts[", "colour=red", "invalid argument", "option"}},
		{"bind", []string{"bind", "bind", "colour=red"}, []string{"mounts[", "options", `"colour=red"`}},
		{"proc", []string{"proc", "colour"}, []string{"mounts[", "colour", "invalid argument"}},
		{"overlay", []string{"overlay", "lowerdir=/bin", "colour"}, []string{"mounts[", "colour", "invalid argument"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			wantRefused(t, bundle(t, "true", mount(c.m[0], "/bin", "/m", c.m[1:]...)), c.parts...)
		})
	}
}

func TestUnknownFileSystem(t *testing.T) {
	wantRefused(t, bundle(t, "true", mount("nosuchfs", "x", "/m")), "mounts[", "nosuchfs", "no such device", "this kernel does not know the file system")
}

// As root of a user namespace, the flags of what the host mounted are locked
// and stay. mount_namespaces(7)
func TestLockedFlagsStay(t *testing.T) {
	kegtest.NeedRoot(t)
	b := userBundle(t, "cat /proc/self/mountinfo; mount -o remount,bind,rw /m 2>&1; echo $?", bind("flagged", "/m", "ro"), bind("flagged", "/n"))
	out := onHostOutput(t, b, sources+"exec $run")
	mountAt(t, out, "/m").wantOptions(t, "ro nosuid nodev noexec noatime nodiratime nosymfollow")
	mountAt(t, out, "/n").wantOptions(t, "ro nosuid nodev noexec noatime nodiratime nosymfollow")
	if !strings.HasSuffix(out, "\n1\n") && !strings.HasSuffix(out, "\n255\n") {
		t.Errorf("a locked flag could be taken away:\n%s", out)
	}
	b = userBundle(t, "true", bind("flagged", "/m", "suid"))
	if r := onHost(t, b, sources+"exec $run"); r.Code != 0 && !strings.Contains(r.Stderr, "locked") {
		t.Error(r.Stderr)
	}
}
