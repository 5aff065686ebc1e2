package unit

import (
	"strings"
	"testing"
)

func TestOf(t *testing.T) {
	for _, tt := range []struct {
		path string
		user bool
		name string
		at   string
	}{
		{"", false, "keg-box.scope", "/system.slice/keg-box.scope"},
		{"", true, "keg-box.scope", "/user.slice/keg-box.scope"},
		{"::box", false, "box.scope", "/system.slice/box.scope"},
		{"::box", true, "box.scope", "/user.slice/box.scope"},
		{":docker:1f", false, "docker-1f.scope", "/system.slice/docker-1f.scope"},
		{"-.slice:p:n", false, "p-n.scope", "/p-n.scope"},
		{"machine.slice:libpod:x", true, "libpod-x.scope", "/machine.slice/libpod-x.scope"},
		{"kubepods-burstable-pod1_2.slice:cri-containerd:a", false, "cri-containerd-a.scope",
			"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1_2.slice/cri-containerd-a.scope"},
		{`a\x2db.slice:p:n\x2fm`, false, `p-n\x2fm.scope`, `/a\x2db.slice/p-n\x2fm.scope`},
	} {
		s, err := Of(Config{ID: "box", CgroupsPath: tt.path, User: tt.user})
		if err != nil || s.Name != tt.name || s.Path() != tt.at || s.User != tt.user {
			t.Errorf("%q: %+v, %v", tt.path, s, err)
		}
	}
}

func TestOfRefuses(t *testing.T) {
	for path, want := range map[string]string{
		"/a/b":                                  "SLICE:PREFIX:NAME",
		"box":                                   "SLICE:PREFIX:NAME",
		"a.slice:p":                             "SLICE:PREFIX:NAME",
		"a.slice:p:n:m":                         "SLICE:PREFIX:NAME",
		"a.slice:p:":                            "has no name",
		"a.slice:p:n.slice":                     "names a slice",
		"a:p:n":                                 "ends in .slice",
		"a.scope:p:n":                           "ends in .slice",
		".slice:p:n":                            "ends in .slice",
		"a-.slice:p:n":                          "a dash stands between",
		"-a.slice:p:n":                          "a dash stands between",
		"a--b.slice:p:n":                        "a dash stands between",
		"../a.slice:p:n":                        `no '/'`,
		"a.slice:p:../n":                        `no '/'`,
		"a.slice:p/q:n":                         `no '/'`,
		"a.slice:p:n\n":                         `no '\n'`,
		"a.slice:p:n m":                         `no ' '`,
		"a.slice:p:ü":                           "systemd has no",
		"a.slice:p:\x00":                        "systemd has no",
		"a.slice:.p:n":                          "does not begin",
		"a.slice::@n":                           "does not begin",
		"a.slice::..":                           "does not begin",
		"a.slice::.":                            "does not begin",
		"a.slice:p:" + strings.Repeat("n", 256): "longer than",
	} {
		if s, err := Of(Config{ID: "box", CgroupsPath: path}); err == nil || !strings.HasPrefix(err.Error(), "linux.cgroupsPath: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %+v, %v; want %q", path, s, err, want)
		}
	}
}

func TestSubgroup(t *testing.T) {
	for name, ok := range map[string]bool{
		"": true, "container": true, "a/b": true, "..": false, "a/../../b": false, "/a": false, "a/": false, "a//b": false, ".": false, "a\nb": false, "a\x00": false,
	} {
		s, err := Of(Config{ID: "box", Annotations: map[string]string{AnnotationSubgroup: name}})
		if (err == nil) != ok || ok && s.Subgroup != name || err != nil && !strings.HasPrefix(err.Error(), "annotations."+AnnotationSubgroup+": ") {
			t.Errorf("%q: %+v, %v", name, s, err)
		}
	}
}

func TestLooks(t *testing.T) {
	for path, want := range map[string]bool{
		"system.slice:keg:box": true, ":keg:box": true, "::box": true,
		"": false, "/a:b:c": false, "a:b:c": false, "a.slice:b": false, "a.slice/b:c:d": false, "box": false,
	} {
		if got := Looks(path); got != want {
			t.Errorf("%q: %v", path, got)
		}
	}
}
