package main

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
)

func TestVersions(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ describe, commit, want string }{
		{"1.2.3", "abcdef0", "1.2.3"},
		{"v1.2.3", "", "1.2.3"},
		{"v1.2.3-rc1", "", "1.2.3~rc1"},
		{"1.2.3-rc-1", "", "1.2.3~rc.1"},
		{"1.2.3-4-gabcdef0", "abcdef0", "1.2.3+4.gabcdef0"},
		{"1.2.3-rc1-4-gabcdef0-dirty", "", "1.2.3~rc1+4.gabcdef0.dirty"},
		{"1.2.3-dirty", "", "1.2.3+dirty"},
		{"0.0.0-dev", "abcdef0", "0.0.0~dev+gabcdef0"},
		{"0.0.0-dev", "abcdef0-dirty", "0.0.0~dev+gabcdef0.dirty"},
		{"0.0.0-dev", "", "0.0.0~dev"},
	} {
		v, err := parseVersion(tt.describe, tt.commit)
		if got := v.debian(); err != nil || got != tt.want {
			t.Errorf("%s: %s, %v, want %s", tt.describe, got, err, tt.want)
		}
	}
	for _, bad := range []string{"", "abcdef0", "1.2", "1.2.3 ", "1.2.3-a/b", "1.2.3\n"} {
		if v, err := parseVersion(bad, ""); err == nil {
			t.Errorf("%q is taken as %v", bad, v)
		}
	}
}

// dpkg and rpm put them into the order in which they came to be.
func TestVersionsInOrder(t *testing.T) {
	t.Parallel()
	var last string
	for _, describe := range []string{"0.0.0-dev", "1.2.3-rc1", "1.2.3-rc1-4-gabcdef0", "1.2.3", "1.2.3-4-gabcdef0", "1.2.10"} {
		v, err := parseVersion(describe, "abcdef0")
		if err != nil {
			t.Fatal(err)
		}
		this := v.debian()
		if last != "" {
			run(t, "dpkg", "--compare-versions", last, "lt", this)
			if out := run(t, "rpm", "--eval", fmt.Sprintf("%%{lua:print(rpm.vercmp('%s', '%s'))}", last, this)); strings.TrimSpace(out) != "-1" {
				t.Errorf("rpm: %s, %s: %s", last, this, out)
			}
		}
		last = this
	}
}

// run runs a command that has to be there, and to succeed.
func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v (test/setup packaging installs what is needed)\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}
