package cgroup

import (
	"os"
	"slices"
	"testing"
)

func TestParseMembership(t *testing.T) {
	for _, tt := range []struct {
		line string
		want Hierarchy
		ok   bool
	}{
		{"4:memory:/a/b\n", Hierarchy{Controllers: "memory", Self: "/a/b"}, true},
		{"0::/\n", Hierarchy{Self: "/"}, true},
		{"9:name=systemd:/x:y\n", Hierarchy{Controllers: "name=systemd", Self: "/x:y"}, true},
		{"2:cpu,cpuacct:/..\n", Hierarchy{Controllers: "cpu,cpuacct", Self: "/.."}, true},
		{"", Hierarchy{}, false},
		{"4\n", Hierarchy{}, false},
		{"4:memory\n", Hierarchy{}, false},
		{"4:memory:relative\n", Hierarchy{}, false},
	} {
		got := parseMembership(tt.line)
		if tt.ok != (len(got) == 1) || tt.ok && got[0] != tt.want {
			t.Errorf("%q: %+v, want %+v %v", tt.line, got, tt.want, tt.ok)
		}
	}
}

// A hierarchy of several controllers is in the list once for each.
func TestByController(t *testing.T) {
	got := parseMembership("3:cpu,cpuacct:/a,b\n1:name=systemd:/\n0::/u\n").byController()
	if want := []Where{{"cpu", "/a,b"}, {"cpuacct", "/a,b"}, {"name=systemd", "/"}, {"", "/u"}}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if list, err := WhereIs(os.Getpid()); len(list) == 0 || err != nil {
		t.Errorf("this process: %v, %v", list, err)
	}
	if _, err := WhereIs(-1); err == nil {
		t.Error("no process is somewhere")
	}
}
