package run

import (
	"os"
	"strings"
	"testing"
)

func TestReadonlyRoot(t *testing.T) {
	b := bundle(t, "touch /x /bin/x /tmp/x 2>&1; touch /data/x && grep ' / / ' /proc/self/mountinfo | head -1 | cut -d' ' -f6; cat /proc/self/mountinfo", tmpfs("/data"), tmpfs("/made/for/it"))
	b.Spec.Root.Readonly = true
	out := b.Output()
	for _, f := range []string{"/x", "/bin/x", "/tmp/x"} {
		if !strings.Contains(out, "touch: "+f+": Read-only file system\n") {
			t.Errorf("%s could be made:\n%s", f, out)
		}
	}
	mountAt(t, out, "/").wantOptions(t, "ro")
	mountAt(t, out, "/made/for/it").wantOptions(t, "rw")
	if _, err := os.Stat(b.Dir + "/rootfs/x"); err == nil {
		t.Error("the image was changed")
	}
	b.Spec.Root.Readonly = false
	b.Spec.Process.Args[2] = "touch /x && echo written"
	wantOutput(t, b, "written\n")
}

// sharedBundle puts the bundle on a shared mount of the test's own namespace.
const sharedBundle = `mount --bind $B $B; mount --make-shared $B; mkdir -p $B/src $B/tree; mount --bind $B/tree $B/src; mount --make-shared $B/src
`

func TestRootfsPropagation(t *testing.T) {
	for _, c := range []struct{ propagation, has, hasNot string }{
		{"", "", "shared:"}, {"private", "", "shared: master:"}, {"rprivate", "", "shared: master:"},
		{"slave", "master:", "shared:"}, {"rslave", "master:", "shared:"},
		{"shared", "shared:", ""}, {"rshared", "shared:", ""}, {"unbindable", "unbindable", "shared:"}, {"runbindable", "unbindable", ""},
	} {
		t.Run(c.propagation, func(t *testing.T) {
			b := bundle(t, "cat /proc/self/mountinfo")
			b.Spec.Linux.RootfsPropagation = c.propagation
			out := onHostOutput(t, b, sharedBundle+"$run; grep -c . /proc/self/mountinfo >&2")
			m := mountAt(t, out, "/")
			if !strings.Contains(m.optional, c.has) {
				t.Errorf("optional fields %q lack %q", m.optional, c.has)
			}
			for _, not := range strings.Fields(c.hasNot) {
				if strings.Contains(m.optional, not) {
					t.Errorf("optional fields %q have %q", m.optional, not)
				}
			}
		})
	}
}

// Kubernetes' Bidirectional: what a container mounts in an rshared bind shows
// on the host if rootfsPropagation is rshared. By default it does not.
func TestSharedBindShowsOnHost(t *testing.T) {
	for _, c := range []struct {
		propagation string
		options     []string
		want        string
	}{
		{"rshared", []string{"rshared"}, "made\n"},
		{"shared", []string{"rshared"}, "made\n"},
		{"", []string{"rshared"}, "hidden\n"},
		{"rslave", []string{"rshared"}, "hidden\n"},
		{"", nil, "hidden\n"},
		{"rprivate", []string{"rprivate"}, "hidden\n"},
		{"rshared", []string{"rprivate"}, "hidden\n"},
		{"rshared", []string{"rslave"}, "hidden\n"},
	} {
		t.Run(c.propagation+" "+strings.Join(c.options, ","), func(t *testing.T) {
			b := bundle(t, "mkdir /m/d && mount -t tmpfs in-container /m/d && touch /m/d/made", bind("src", "/m", append([]string{"rbind"}, c.options...)...))
			b.Spec.Linux.RootfsPropagation = c.propagation
			caps := append(b.Spec.Process.Capabilities.Bounding, "CAP_SYS_ADMIN")
			b.Spec.Process.Capabilities.Bounding, b.Spec.Process.Capabilities.Effective, b.Spec.Process.Capabilities.Permitted = caps, caps, caps
			out := onHostOutput(t, b, sharedBundle+`before=$(wc -l < /proc/self/mountinfo); $run
ls $B/src/d; test -e $B/src/d/made || echo hidden; umount $B/src/d 2>/dev/null || true
test $before = $(wc -l < /proc/self/mountinfo) || cat /proc/self/mountinfo`)
			if out != c.want {
				t.Errorf("got %q, want %q", out, c.want)
			}
		})
	}
}

// Nothing that keg mounts shows on the host, whatever the parents of the
// bundle are, and pivot_root works on them.
func TestNothingShowsOnHost(t *testing.T) {
	for _, propagation := range []string{"", "shared", "rshared", "slave", "private"} {
		b := bundle(t, "test -e /bin/sh && echo ran", tmpfs("/m"), bind("src", "/n"))
		b.Spec.Linux.RootfsPropagation = propagation
		script := `mount --make-rshared /
` + sharedBundle + `cat /proc/self/mountinfo > $B/before; $run; cat /proc/self/mountinfo > $B/after; cmp $B/before $B/after || diff $B/before $B/after || true`
		// The namespace was made private, so that / is its own when it is shared.
		if out := onHostOutput(t, b, script); out != "ran\n" {
			t.Errorf("%q:\n%s", propagation, out)
		}
	}
}

// Also where keg takes the trees itself, for a user namespace, or idmapped.
func TestNothingShowsFromUserNamespace(t *testing.T) {
	const script = "mkdir -p /n/d; mount -t tmpfs inside /n/d && touch /n/d/made && mount -t tmpfs inside /tmp && mount -t tmpfs inside /i && echo mounted"
	caps := []string{"CAP_SYS_ADMIN", "CAP_DAC_OVERRIDE"}
	b := userBundle(t, script, bind("src", "/n", "rbind"), idmapped("src", "/i", false, "bind", "idmap"))
	b.Spec.Process.Capabilities.Bounding, b.Spec.Process.Capabilities.Effective, b.Spec.Process.Capabilities.Permitted = caps, caps, caps
	out := onHostOutput(t, b, sharedBundle+`chown 100000 $B/src; cat /proc/self/mountinfo > $B/before; sh -c '$run; sleep 0.3' & sleep 0.2
wait; ls $B/src/d; grep inside /proc/self/mountinfo || true`)
	if out != "mounted\n" {
		t.Errorf("got\n%s", out)
	}
}

// After the host has mounted something, a slave sees it, a private root does not.
func TestSlaveSeesLaterMounts(t *testing.T) {
	for propagation, want := range map[string]string{"rslave": "seen\n", "rprivate": "not seen\n"} {
		b := bundle(t, "i=0; while [ ! -e /m/go ] && [ $i -lt 100 ]; do sleep 0.05; i=$((i+1)); done; test -e /m/d/late && echo seen || echo not seen", bind("src", "/m", "rbind", propagation))
		b.Spec.Linux.RootfsPropagation = propagation
		out := onHostOutput(t, b, sharedBundle+`mkdir $B/src/d; $run > $B/out & pid=$!
sleep 0.5; mount -t tmpfs late $B/src/d; touch $B/src/d/late; touch $B/src/go; wait $pid; cat $B/out`)
		if out != want {
			t.Errorf("%s: %q", propagation, out)
		}
	}
}

// Propagation of a single mount.
func TestMountPropagation(t *testing.T) {
	b := bundle(t, "cat /proc/self/mountinfo")
	want := map[string]string{
		"private": "", "rprivate": "", "shared": "shared:", "rshared": "shared:", "slave": "master:", "rslave": "master:",
		"unbindable": "unbindable", "runbindable": "unbindable",
	}
	for option := range want {
		b.Spec.Mounts = append(b.Spec.Mounts, tmpfs("/t/"+option, option, "mode=755"), bind("src", "/b/"+option, "rbind", option))
	}
	out := onHostOutput(t, b, sharedBundle+"$run")
	for option, optional := range want {
		for _, dir := range []string{"/t/", "/b/"} {
			expected := optional
			if dir == "/t/" && optional == "master:" {
				expected = "" // a slave of nobody
			}
			if m := mountAt(t, out, dir+option); expected == "" && m.optional != "" || !strings.Contains(m.optional, expected) {
				t.Errorf("%s%s: optional fields %q, want %q", dir, option, m.optional, expected)
			}
		}
	}
}

// The bundle may lie on a tmpfs or a ramfs.
func TestRootOnOtherFileSystems(t *testing.T) {
	for _, kind := range []string{"tmpfs", "ramfs"} {
		b := bundle(t, "stat -f -c %T /; ls / | grep -c .; readlink /proc/self/root")
		out := onHostOutput(t, b, "mkdir $B/new; mount -t "+kind+" none $B/new; cp -a $B/rootfs $B/new/; mount --bind $B/new/rootfs $B/rootfs; $run")
		if !strings.HasSuffix(out, "\n9\n/\n") {
			t.Errorf("%s: %q", kind, out)
		}
	}
}

// escape tries what gets out of a chroot: a second one with a working
// directory outside, and up; and unmounting what covers the old root.
const escape = `mkdir -p /jail; umount -l / 2>/dev/null; umount / 2>/dev/null
cd /; for i in $(seq 40); do cd ..; done; ls canary* 2>/dev/null
chroot /jail true 2>/dev/null; cd ../../../../../..; test -e $CANARY && echo out by name
ls -d /proc/1/root/canary* 2>/dev/null; ls /proc/1/cwd/.. | grep canary; echo done`

// Without pivot_root the container must not get out either.
func TestNoPivot(t *testing.T) {
	b := bundle(t, escape)
	must(t, os.WriteFile(b.Dir+"/canary", nil, 0o644))
	b.Spec.Process.Env = append(b.Spec.Process.Env, "CANARY="+b.Dir+"/canary")
	caps := []string{"CAP_SYS_ADMIN", "CAP_SYS_CHROOT", "CAP_DAC_OVERRIDE"}
	b.Spec.Process.Capabilities.Bounding, b.Spec.Process.Capabilities.Effective, b.Spec.Process.Capabilities.Permitted = caps, caps, caps
	out := onHostOutput(t, b, "$run; $keg run --no-pivot --bundle $B $ID")
	if out != "done\ndone\n" {
		t.Errorf("got out: %s", out)
	}
}
