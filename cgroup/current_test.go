package cgroup

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// mounted is a container's cgroups in three hierarchies. Directories do for
// them: only whether they are there is asked.
func mounted(t *testing.T, dirs ...string) (*Cgroup, string) {
	t.Helper()
	root := t.TempDir()
	for _, d := range append(dirs, "cpu,cpuacct/box", "freezer/box", "unified/box") {
		if err := os.MkdirAll(filepath.Join(root, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return &Cgroup{[]Dir{
		{"cpu,cpuacct", root + "/cpu,cpuacct", "/box"}, {"freezer", root + "/freezer", "/box"}, {"", root + "/unified", "/box"},
	}}, root
}

func paths(c *Cgroup) string {
	var list []string
	for _, d := range c.Dirs() {
		list = append(list, d.Path)
	}
	return strings.Join(list, " ")
}

func TestFollow(t *testing.T) {
	c, _ := mounted(t, "cpu,cpuacct/box/a", "freezer/box/a/b", "unified/box/init.scope", "unified/boxer", "freezer/other", "unified/box/with:colon")
	for table, want := range map[string]string{
		"": "/box /box /box",
		"7:cpu,cpuacct:/box\n5:freezer:/box\n0::/box\n":                "/box /box /box",
		"7:cpu,cpuacct:/box/a\n5:freezer:/box/a/b\n0::/box/init.scope": "/box/a /box/a/b /box/init.scope",
		"7:cpu,cpuacct:/box/a\n5:freezer:/box\n0::/box":                "/box/a /box /box",
		"5:freezer:/box/a/b\n9:name=systemd:/box/a\n":                  "/box /box/a/b /box",
		"0::/box/with:colon":                                           "/box /box /box/with:colon",
		"5:freezer:/other\n0::/boxer":                                  "/box /box /box", // outside
		"5:freezer:/\n0::/":                                            "/box /box /box",
		"0::/../box/init.scope":                                        "/box /box /box", // outside of keg's cgroup namespace
		"0::/box/init.scope (deleted)":                                 "/box /box /box",
		"5:freezer:/box/gone":                                          "/box /box /box",
		"nonsense\n::\n0:\n":                                           "/box /box /box",
	} {
		if got := paths(c.follow(parseMembership(table))); got != want {
			t.Errorf("%q: %s, want %s", table, got, want)
		}
	}
	if got := paths(c); got != "/box /box /box" {
		t.Errorf("the container's own have become %s", got)
	}
}

func TestSub(t *testing.T) {
	c, root := mounted(t)
	type ask struct{ controller, name string }
	for _, tt := range []struct {
		asks []ask
		want string // paths, or the end of the error
	}{
		{[]ask{{"", "sub"}}, "/box/sub /box/sub /box/sub"},
		{[]ask{{"", "/sub/"}}, "/box/sub /box/sub /box/sub"},
		{[]ask{{"", "/"}}, "/box /box /box"},
		{[]ask{{"cpuacct", "sub"}}, "/box/sub /box /box"},
		{[]ask{{"cpuacct", "a"}, {"freezer", "b/c"}}, "/box/a /box/b/c /box"},
		{[]ask{{"cpu", "a"}, {"cpuacct", "a"}}, "/box/a /box /box"},
		{[]ask{{"cpu", "a"}, {"cpuacct", "b"}}, root + "/cpu,cpuacct/box/b: the process is to be in /box/a already"},
		{[]ask{{"", "a"}, {"freezer", "/"}}, root + "/freezer/box: the process is to be in /box/a already"},
		{[]ask{{"memory", "a"}}, `no cgroup hierarchy has the controller "memory"`},
		{[]ask{{"", ""}}, "empty, or with a NUL or newline"},
		{[]ask{{"", "a\nb"}}, "empty, or with a NUL or newline"},
		{[]ask{{"", "../else"}}, `".." is not allowed`},
		{[]ask{{"", "a/../../else"}}, `".." is not allowed`},
		{[]ask{{"", "..."}}, "/box/... /box/... /box/..."},
	} {
		chosen, err := c, error(nil)
		for _, a := range tt.asks {
			if err == nil {
				chosen, err = c.Sub(chosen, a.controller, a.name)
			}
		}
		switch {
		case err != nil && !strings.HasSuffix(err.Error(), tt.want):
			t.Errorf("%v: %v, want %s", tt.asks, err, tt.want)
		case err == nil && paths(chosen) != tt.want:
			t.Errorf("%v: %s, want %s", tt.asks, paths(chosen), tt.want)
		}
	}
	if !slices.Equal(c.Dirs(), []Dir{{"cpu,cpuacct", root + "/cpu,cpuacct", "/box"}, {"freezer", root + "/freezer", "/box"}, {"", root + "/unified", "/box"}}) {
		t.Errorf("the container's own have become %v", c.Dirs())
	}
}
