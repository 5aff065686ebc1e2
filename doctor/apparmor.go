package doctor

import (
	"os"
	"path/filepath"
	"strings"
)

// appArmorProfile lets a program make user namespaces where AppArmor keeps them
// from everything that has no profile, and restricts it in nothing. The first
// process of a container, executed from a memfd, stays under it. apparmor.d(5)
func appArmorProfile(keg string) string {
	return "abi <abi/4.0>,\n" +
		"include <tunables/global>\n" +
		"\n" +
		"profile keg " + appArmorPath(keg) + " flags=(unconfined) {\n" +
		"  userns,\n" +
		"\n" +
		"  include if exists <local/keg>\n" +
		"}\n"
}

// appArmorPath is a path as a profile's attachment: what would be a pattern is
// escaped, and what would end the name quoted.
func appArmorPath(path string) string {
	var b strings.Builder
	for _, c := range path {
		if strings.ContainsRune(`\*?[]{}^"`, c) {
			b.WriteByte('\\')
		}
		b.WriteRune(c)
	}
	if strings.ContainsAny(path, " \t#,") {
		return `"` + b.String() + `"`
	}
	return b.String()
}

func appArmorMend(keg string) string {
	return "write /etc/apparmor.d/keg:\n\n" + appArmorProfile(keg) + "\nthen: sudo apparmor_parser -r /etc/apparmor.d/keg"
}

// profiled tells whether a profile in the directory names keg's file.
func profiled(keg, dir string) bool {
	files, _ := filepath.Glob(dir + "/*")
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err == nil && strings.Contains(string(text), appArmorPath(keg)+" ") && strings.Contains(string(text), "userns") {
			return true
		}
	}
	return false
}
