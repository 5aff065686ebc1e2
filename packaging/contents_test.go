package main

import (
	"debug/elf"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// commands are keg's, as a page of the package names them: those of a group behind
// the group's name.
func commands(t *testing.T, program string) []string {
	t.Helper()
	var names []string
	for _, name := range listed(run(t, program, "help")) {
		names = append(names, name)
		_, parts, _ := strings.Cut(run(t, program, "help", name), "\nCommands:\n")
		for _, part := range listed(parts) {
			names = append(names, name+"-"+part)
		}
	}
	if len(names) < 15 {
		t.Fatalf("only %q", names)
	}
	return names
}

// listed are the commands in a text of help.
func listed(help string) []string {
	var names []string
	for _, m := range regexp.MustCompile(`(?m)^  ([a-z]+) {2,}`).FindAllStringSubmatch(help, -1) {
		names = append(names, m[1])
	}
	return names
}

// unpacked are all packages, in directories.
func unpacked(t *testing.T, arch, rpmArch string) (deb, rpm, tarball string) {
	t.Helper()
	deb, rpm, tarball = t.TempDir(), t.TempDir(), t.TempDir()
	run(t, "dpkg-deb", "-x", the(t, "*_"+arch+".deb"), deb)
	archive := the(t, "*."+rpmArch+".rpm")
	run(t, "sh", "-c", "rpm2cpio '"+archive+"' >/dev/null") // fails if the archive is not as large as announced
	run(t, "bash", "-c", "set -o pipefail; rpm2archive - <'"+archive+"' | tar -xzC '"+rpm+"'")
	run(t, "tar", "-xzf", the(t, "*-"+arch+".tar.gz"), "-C", tarball, "--strip-components=1")
	return deb, rpm, tarball
}

func TestContents(t *testing.T) {
	t.Parallel()
	deb, rpm, tarball := unpacked(t, "amd64", "x86_64")
	pages := []string{"keg"}
	for _, name := range commands(t, filepath.Join(deb, "usr/bin/keg")) {
		pages = append(pages, "keg-"+name)
	}
	want := map[string][]string{
		deb: {"usr/bin/keg", "usr/share/bash-completion/completions/keg", "usr/share/zsh/vendor-completions/_keg",
			"usr/share/fish/vendor_completions.d/keg.fish", "usr/share/doc/keg/copyright", "usr/share/doc/keg/changelog.gz",
			"usr/share/doc/keg/THIRD-PARTY", "usr/share/doc/keg/README.md", "usr/share/doc/keg/docs/security.md", "usr/share/keg/apparmor"},
		rpm: {"usr/bin/keg", "usr/share/bash-completion/completions/keg", "usr/share/zsh/site-functions/_keg",
			"usr/share/fish/vendor_completions.d/keg.fish", "usr/share/licenses/keg/LICENSE",
			"usr/share/licenses/keg/THIRD-PARTY", "usr/share/doc/keg/README.md", "usr/share/doc/keg/docs/security.md"},
		tarball: {"bin/keg", "share/bash-completion/completions/keg", "share/zsh/site-functions/_keg",
			"share/fish/vendor_completions.d/keg.fish", "share/doc/keg/LICENSE", "share/doc/keg/THIRD-PARTY", "share/doc/keg/README.md"},
	}
	for _, page := range pages {
		want[deb] = append(want[deb], "usr/share/man/man1/"+page+".1.gz")
		want[rpm] = append(want[rpm], "usr/share/man/man1/"+page+".1.gz")
		want[tarball] = append(want[tarball], "share/man/man1/"+page+".1")
	}
	for root, names := range want {
		for _, name := range names {
			info, err := os.Stat(filepath.Join(root, name))
			mode := os.FileMode(0o644)
			if strings.HasSuffix(name, "bin/keg") {
				mode = 0o755
			}
			if err != nil || info.Size() == 0 || info.Mode() != mode {
				t.Errorf("%s: %v, %v", name, info, err)
			}
		}
	}
	if n := len(pages); len(glob(t, deb+"/usr/share/man/man1/*")) != n {
		t.Errorf("other pages than those of the %d commands", n-1)
	}
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// The program is static, and for the processor that the package names.
func TestPrograms(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		arch, rpmArch string
		machine       elf.Machine
	}{{"amd64", "x86_64", elf.EM_X86_64}, {"arm64", "aarch64", elf.EM_AARCH64}} {
		deb, rpm, tarball := unpacked(t, tt.arch, tt.rpmArch)
		for _, path := range []string{deb + "/usr/bin/keg", rpm + "/usr/bin/keg", tarball + "/bin/keg"} {
			f, err := elf.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			static := !slices.ContainsFunc(f.Progs, func(p *elf.Prog) bool { return p.Type == elf.PT_INTERP || p.Type == elf.PT_DYNAMIC })
			if f.Machine != tt.machine || !static {
				t.Errorf("%s: %v, static: %v", path, f.Machine, static)
			}
		}
	}
}

// What lintian and rpmlint would say: everything is root's, nobody else may
// write, and all is below /usr.
func TestOwnersAndModes(t *testing.T) {
	t.Parallel()
	for _, arch := range architectures {
		for line := range strings.Lines(run(t, "dpkg-deb", "-c", the(t, "*_"+arch+".deb"))) {
			f := strings.Fields(line)
			if f[1] != "root/root" || f[0][5] == 'w' || f[0][8] == 'w' || strings.ContainsAny(f[0], "sStT") || f[3] != "2001-09-09" || !strings.HasPrefix(f[5], "./usr/") {
				t.Error(line)
			}
		}
	}
	for _, arch := range []string{"x86_64", "aarch64"} {
		out := run(t, "rpm", "-qp", "--qf", "[%{FILEMODES:perms} %{FILEUSERNAME} %{FILEGROUPNAME} %{FILENAMES} %{FILEMTIMES}\n]", the(t, "*."+arch+".rpm"))
		for line := range strings.Lines(out) {
			f := strings.Fields(line)
			if f[1] != "root" || f[2] != "root" || f[0][5] == 'w' || f[0][8] == 'w' || strings.ContainsAny(f[0], "sStT") || f[4] != "1000000000" || !strings.HasPrefix(f[3], "/usr/") {
				t.Error(line)
			}
		}
	}
}

func TestDescriptions(t *testing.T) {
	t.Parallel()
	deb := the(t, "*_arm64.deb")
	for field, want := range map[string]string{
		"Package": "keg", "Version": "1.2.3~rc1", "Architecture": "arm64", "Section": "admin", "Priority": "optional",
		"Depends": "", "Recommends": "uidmap, busybox-static",
	} {
		if got := strings.TrimSpace(run(t, "dpkg-deb", "-f", deb, field)); got != want {
			t.Errorf("%s: %q, want %q", field, got, want)
		}
	}
	for line := range strings.Lines(run(t, "dpkg-deb", "-f", deb)) {
		if len(line) > 82 {
			t.Errorf("a line of %d: %s", len(line), line)
		}
	}
	rpm := the(t, "*.aarch64.rpm")
	for tag, want := range map[string]string{
		"NAME": "keg", "VERSION": "1.2.3~rc1", "RELEASE": "1", "ARCH": "aarch64", "LICENSE": "Apache-2.0", "BUILDHOST": "localhost",
		"BUILDTIME": "1000000000", "RECOMMENDNAME": "shadow-utils", "PROVIDENAME": "oci-runtime", "REQUIRENAME": "(none)",
	} {
		if got := run(t, "rpm", "-qp", "--qf", "%{"+tag+"}", rpm); got != want {
			t.Errorf("%s: %q, want %q", tag, got, want)
		}
	}
	if out := run(t, "rpm", "-qp", "--licensefiles", rpm); strings.Count(out, "/usr/share/licenses/keg/") != 2 {
		t.Errorf("licences: %s", out)
	}
}
