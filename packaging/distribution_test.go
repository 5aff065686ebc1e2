package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// enter runs a script as root of another system: root is "/", in namespaces
// of its own. A chroot alone would keep keg from making containers.
const enter = `mount --bind "$1" "$1"
cd "$1"
mount --rbind /dev dev
mount --rbind /sys sys
mount -t proc proc proc
pivot_root . .
umount -l .
exec chroot . /bin/sh -ec "$2"`

func inside(t *testing.T, root, script string) string {
	t.Helper()
	cmd := exec.Command("unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-ec", enter, "sh", root, script)
	cmd.Env = []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "TERM=dumb", "HOME=/root"}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", script, err, out)
	}
	return string(out)
}

func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
}

// debian makes a small Debian, or whatever this system is, from the mirror
// that apt uses here.
func debian(t *testing.T) string {
	t.Helper()
	root := filepath.Join(work, "debian")
	suite := strings.TrimSpace(run(t, "sh", "-c", `. /etc/os-release; echo "$VERSION_CODENAME"`))
	mirror := ""
	for line := range strings.Lines(run(t, "apt-get", "indextargets", "--format", "$(CODENAME) $(COMPONENT) $(REPO_URI)", "Created-By: Packages")) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == suite && f[1] == "main" {
			mirror = f[2]
		}
	}
	if mirror == "" {
		t.Fatalf("apt knows no mirror of %s; apt-get update", suite)
	}
	run(t, "debootstrap", "--variant=minbase", "--include=man-db,busybox-static", suite, root, mirror)
	t.Cleanup(func() { os.RemoveAll(root) })
	return root
}

func TestDebianPackage(t *testing.T) {
	t.Parallel()
	needRoot(t)
	root := debian(t)
	before := system(t, root)
	arch := strings.TrimSpace(run(t, "dpkg", "--print-architecture"))
	run(t, "cp", the(t, "*_"+arch+".deb"), filepath.Join(root, "tmp/keg.deb"))

	inside(t, root, "dpkg -i /tmp/keg.deb; rm /tmp/keg.deb")
	for script, want := range map[string]string{
		"keg --version":                                                 "keg version 1.2.3-rc1\ncommit: abcdef0\n",
		"keg shell -- echo inside":                                      "inside\n",
		"keg shell -- sh -c 'exit 7' || echo $?":                        "7\n",
		"man -P cat keg-run":                                            "keg-run - create and start a container",
		"man -P cat keg | tail -n 1":                                    "2001-09-09",
		"dpkg --verify keg; echo verified":                              "verified\n",
		"dpkg -s keg | grep Status":                                     "install ok installed",
		"bash -n /usr/share/bash-completion/completions/keg; echo read": "read\n",
	} {
		if out := inside(t, root, script); !strings.Contains(out, want) {
			t.Errorf("%s: %s", script, out)
		}
	}
	inside(t, root, "dpkg -r keg")
	if left := news(before, system(t, root)); len(left) > 0 {
		t.Errorf("dpkg -r leaves %q", left)
	}
	inside(t, root, "dpkg -P keg")
	if out := inside(t, root, "dpkg-query -W | grep keg || echo unknown"); out != "unknown\n" {
		t.Errorf("dpkg -P leaves %s", out)
	}
	if left := news(before, system(t, root)); len(left) > 0 {
		t.Errorf("dpkg -P leaves %q", left)
	}
	appArmor(t, root)
}

// appArmor is a system whose AppArmor can read the profile, or cannot. It is a
// script that notes what it was told.
func appArmor(t *testing.T, root string) {
	t.Helper()
	run(t, "cp", the(t, "*_"+strings.TrimSpace(run(t, "dpkg", "--print-architecture"))+".deb"), filepath.Join(root, "tmp/keg.deb"))
	inside(t, root, "mkdir -p /etc/apparmor.d")
	parser := func(status string) {
		script := "#!/bin/sh\necho \"$@\" >>/tmp/told\nexit " + status + "\n"
		if err := os.WriteFile(filepath.Join(root, "usr/sbin/apparmor_parser"), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	parser("1")
	if out := inside(t, root, "dpkg -i /tmp/keg.deb >/dev/null; test ! -e /etc/apparmor.d/keg; cat /tmp/told; rm /tmp/told"); out != "--skip-kernel-load --skip-cache /usr/share/keg/apparmor\n" {
		t.Errorf("AppArmor 3: %s", out)
	}
	parser("0")
	script := "dpkg -i /tmp/keg.deb >/dev/null; cmp /usr/share/keg/apparmor /etc/apparmor.d/keg; echo '# mine' >>/etc/apparmor.d/keg; " +
		"dpkg -i /tmp/keg.deb >/dev/null; tail -n 1 /etc/apparmor.d/keg; tail -n 1 /tmp/told; " +
		"dpkg -r keg >/dev/null; tail -n 1 /etc/apparmor.d/keg; tail -n 1 /tmp/told; dpkg -P keg >/dev/null; test ! -e /etc/apparmor.d/keg"
	if out, want := inside(t, root, script), "# mine\n--replace /etc/apparmor.d/keg\n# mine\n--remove /etc/apparmor.d/keg\n"; out != want {
		t.Errorf("AppArmor 4:\n%s, want\n%s", out, want)
	}
}

// system is every path of another system's but for what its own programs
// write down of what they did, and for what keg's users have made with it.
func system(t *testing.T, root string) []string {
	t.Helper()
	out := run(t, "find", root, "-xdev", "(", "-path", root+"/var/log", "-o", "-path", root+"/var/cache", "-o", "-path", root+"/var/lib/dpkg",
		"-o", "-path", root+"/var/lib/rpm",
		"-o", "-path", root+"/root/.cache", "-o", "-path", root+"/run", ")", "-prune", "-o", "-printf", "%P\n")
	return strings.Fields(out)
}

func news(before, after []string) []string {
	return slices.DeleteFunc(after, func(path string) bool { return slices.Contains(before, path) })
}

// rpm has a root of its own here, and a database there: no distribution that
// uses it is at hand.
func TestRPMPackage(t *testing.T) {
	t.Parallel()
	needRoot(t)
	root := filepath.Join(work, "rpm")
	arch := strings.TrimSpace(run(t, "uname", "-m"))
	run(t, "rpm", "--root", root, "--initdb")
	before := system(t, root)
	run(t, "rpm", "--root", root, "--install", the(t, "*."+arch+".rpm"))
	if out := run(t, filepath.Join(root, "usr/bin/keg"), "--version"); !strings.HasPrefix(out, "keg version 1.2.3-rc1\n") {
		t.Error(out)
	}
	if out := run(t, "rpm", "--root", root, "--verify", "--nodeps", "keg"); out != "" {
		t.Error(out)
	}
	if out := run(t, "sh", "-c", `man -P cat -l "$1"/usr/share/man/man1/keg-run.1.gz`, "sh", root); !strings.Contains(out, "keg-run - create") {
		t.Error(out)
	}
	run(t, "rpm", "--root", root, "--erase", "keg")
	left := slices.DeleteFunc(news(before, system(t, root)), func(path string) bool {
		return !strings.Contains(path, "keg") // directories that any package would have
	})
	if len(left) > 0 {
		t.Errorf("rpm --erase leaves %q", left)
	}
}
