package main

import (
	"fmt"
	"regexp"
	"strings"
)

// version is a version as package managers order them: 1.2~rc1 < 1.2 <
// 1.2+3.gabcdef0, which is three commits behind 1.2.
type version struct {
	number string // 1.2.0
	before string // rc1: of what comes before that number
	after  string // 3.gabcdef0: of what comes after it
}

var described = regexp.MustCompile(`^v?(\d+\.\d+\.\d+)(?:-([0-9A-Za-z.-]+?))??(?:-(\d+)-(g[0-9a-f]+))?(-dirty)?$`)

// parseVersion reads what git describe says. A repository without tags says
// 0.0.0-dev, and its packages are told apart by the commit.
func parseVersion(describe, commit string) (version, error) {
	m := described.FindStringSubmatch(describe)
	if m == nil {
		return version{}, fmt.Errorf("version %q: not one like 1.2.3, 1.2.3-rc1 or 1.2.3-4-gabcdef0", describe)
	}
	v := version{number: m[1], before: strings.ReplaceAll(m[2], "-", ".")}
	after := m[3:]
	if v.before == "dev" && m[4] == "" && commit != "" {
		after = []string{"g" + strings.ReplaceAll(commit, "-", ".")}
	}
	for _, part := range after {
		if part = strings.TrimPrefix(part, "-"); part != "" {
			v.after += "." + part
		}
	}
	v.after = strings.TrimPrefix(v.after, ".")
	return v, nil
}

// debian is the version as it stands in a .deb; an .rpm has the same.
func (v version) debian() string {
	text := v.number
	if v.before != "" {
		text += "~" + v.before
	}
	if v.after != "" {
		text += "+" + v.after
	}
	return text
}
