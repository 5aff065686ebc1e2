package doctor

import (
	"os/exec"
	"syscall"
	"testing"
)

func goodHelpers() []helper {
	return []helper{
		{name: "newuidmap", path: "/usr/bin/newuidmap", capability: "cap_setuid", setuid: true},
		{name: "newgidmap", path: "/usr/bin/newgidmap", capability: "cap_setgid", capable: true},
	}
}

func TestIDs(t *testing.T) {
	f := idFacts{user: "ann", uid: 1000, subuid: "bob:100000:65536\nann:165536:65536\n", subgid: "1000:165536:65536", helpers: goodHelpers()}
	check(t, f.findings(), want{"newuidmap", OK, "/usr/bin/newuidmap", ""}, want{"newgidmap", OK, "", ""},
		want{"subuid", OK, "65536 uids, from 165536 on", ""}, want{"subgid", OK, "65536 gids", ""})
}

func TestNoIDs(t *testing.T) {
	f := idFacts{user: "ann", uid: 1000, subuid: "bob:100000:65536\ncid:165536:65536\n", subgid: "ann:100000:10\n", helpers: goodHelpers()}
	check(t, f.findings()[2:],
		want{"subuid", Warning, "no uids of ann in /etc/subuid", "usermod --add-subuids 231072-296607 ann"},
		want{"subgid", Note, "10 gids", "usermod --add-subgids 100010-165545 ann"})
}

func TestSharedIDs(t *testing.T) {
	f := idFacts{user: "ann", uid: 1000, subuid: "ann:100000:65536\nbob:120000:65536"}
	check(t, []Finding{f.ranges("subuid", f.subuid, "uids"), f.ranges("subgid", "bob:90000:20000\nann:100000:65536", "gids"), f.ranges("subgid", "bob:165536:1\nann:100000:65536", "gids")},
		want{"subuid", Warning, "ann shares 120000-165535 with bob", "remove the line"},
		want{"subgid", Warning, "ann shares 100000-109999 with bob", "remove the line"},
		want{"subgid", OK, "", ""})
}

func TestHelpers(t *testing.T) {
	debian := installerOf("NAME=\"Ubuntu\"\nID=ubuntu\nID_LIKE=debian\n")
	f := idFacts{install: debian}
	noNew := idFacts{noNew: true}
	h := helper{name: "newuidmap", path: "/b/newuidmap", capability: "cap_setuid"}
	missing, unreadable, nosuid, fine, failed := h, h, h, h, h
	missing.err = &exec.Error{Name: "newuidmap", Err: exec.ErrNotFound}
	unreadable.err = syscall.EACCES
	nosuid.setuid, nosuid.nosuid = true, true
	fine.setuid = true
	failed.setuid, failed.tried = true, syscall.EPERM
	check(t, []Finding{missing.finding(f), unreadable.finding(f), h.finding(f), nosuid.finding(f), fine.finding(noNew), failed.finding(f), fine.finding(f)},
		want{"newuidmap", Warning, "not in PATH", "sudo apt-get install uidmap"},
		want{"newuidmap", Warning, "permission denied", "apt-get"},
		want{"newuidmap", Warning, "neither set-uid root nor", "sudo setcap cap_setuid=ep /b/newuidmap"},
		want{"newuidmap", Warning, "nosuid", "remount,suid"},
		want{"newuidmap", Warning, "no_new_privs", "NoNewPrivileges="},
		want{"newuidmap", Warning, "cannot map the first id", "newuidmap(1)"},
		want{"newuidmap", OK, "", ""})
}

func TestInstaller(t *testing.T) {
	s := software{"it", "d", "f", "a", "r", "s"}
	for release, want := range map[string]string{
		"ID=debian\n": "sudo apt-get install d",
		"ID=linuxmint\nID_LIKE=\"ubuntu debian\"":      "sudo apt-get install d",
		"ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"": "sudo dnf install f",
		"ID=rhel\n":            "sudo dnf install f",
		"ID=alpine":            "sudo apk add a",
		"ID=arch":              "sudo pacman -S r",
		"ID=\"opensuse-leap\"": "sudo zypper install s",
		"ID=nixos":             "install it",
		"":                     "install it",
	} {
		if got := installerOf(release).of(s); got != want {
			t.Errorf("%q: %q, want %q", release, got, want)
		}
	}
}

func TestUserName(t *testing.T) {
	const passwd = "root:x:0:0::/:/bin/sh\nann:x:1000:1000::/:/bin/sh\n"
	if got := userName(1000, passwd); got != "ann" {
		t.Error(got)
	}
	if got := userName(100, passwd); got != "" {
		t.Error(got)
	}
	if got := (&machine{uid: 100}).account(); got != "100" {
		t.Error(got)
	}
}
