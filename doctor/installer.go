package doctor

import "strings"

// installer is the way in which a distribution installs packages.
type installer struct {
	command string
	family  string
}

// software names what a package brings, by families of distributions.
type software struct {
	what                               string
	debian, fedora, alpine, arch, suse string
}

// installerOf reads os-release(5).
func installerOf(release string) installer {
	ids := ""
	for line := range strings.Lines(release) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		if key == "ID" || key == "ID_LIKE" {
			ids += " " + strings.Trim(value, `"'`)
		}
	}
	for _, known := range []installer{
		{"apt-get install", "debian"}, {"dnf install", "fedora"}, {"apk add", "alpine"}, {"pacman -S", "arch"}, {"zypper install", "suse"},
	} {
		for id := range strings.FieldsSeq(ids) {
			if id == known.family || id == "ubuntu" && known.family == "debian" || id == "rhel" && known.family == "fedora" ||
				strings.HasPrefix(id, "opensuse") && known.family == "suse" {
				return known
			}
		}
	}
	return installer{}
}

// of is the command that installs something.
func (i installer) of(s software) string {
	name := map[string]string{"debian": s.debian, "fedora": s.fedora, "alpine": s.alpine, "arch": s.arch, "suse": s.suse}[i.family]
	if name == "" {
		return "install " + s.what
	}
	return "sudo " + i.command + " " + name
}
