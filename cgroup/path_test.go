package cgroup

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/keg-project/keg/linux"
)

// no such mount: its own cgroup is not visible, unless it is the root.
var twoHierarchies = Layout{V1, []Hierarchy{
	{"cpu", "/nowhere/cpu", "/"},
	{"memory", "/nowhere/memory", "/docker/abc"},
}}

func TestPath(t *testing.T) {
	for _, tt := range []struct{ cgroupsPath, id, cpu, memory string }{
		{"", "box", "/box", "/box"},
		{"rel/x", "box", "/rel/x", "/rel/x"},
		{"/abs/x", "box", "/abs/x", "/abs/x"},
		{"/abs//x/./y/", "box", "/abs/x/y", "/abs/x/y"},
		{"/docker/abc/below", "box", "/docker/abc/below", "/docker/abc/below"},
		{"/docker/abcd", "box", "/docker/abcd", "/docker/abcd"},
		{"system.slice:keg:x", "box", "/system.slice:keg:x", "/system.slice:keg:x"},
	} {
		dirs, err := Path(twoHierarchies, tt.cgroupsPath, tt.id)
		if err != nil {
			t.Errorf("%q: %v", tt.cgroupsPath, err)
			continue
		}
		if dirs[0].Path != tt.cpu || dirs[1].Path != tt.memory || dirs[1].Mount != "/nowhere/memory" {
			t.Errorf("%q: %v", tt.cgroupsPath, dirs)
		}
	}
}

func TestPathRefused(t *testing.T) {
	for _, tt := range []struct{ cgroupsPath, id, want string }{
		{"/", "box", "the root"},
		{"/.", "box", "the root"},
		{".", "box", "the root"},
		{"/docker", "box", "the caller's own"},
		{"/docker/abc", "box", "the caller's own"},
		{"/docker/abc/../../other", "box", `".." is not allowed`},
		{"..", "box", `".." is not allowed`},
		{"", "..", `".." is not allowed`},
		{"", "", "empty"},
		{"/a\nb", "box", "newline"},
		{"/a\x00b", "box", "NUL"},
	} {
		dirs, err := Path(twoHierarchies, tt.cgroupsPath, tt.id)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q %q: %v, error %v, want %q", tt.cgroupsPath, tt.id, dirs, err, tt.want)
		}
	}
}

// Without a path, each hierarchy's own place counts; in the unified one the
// cgroup is beside the caller's, which has processes and so hands nothing down.
func TestPathBelowSelf(t *testing.T) {
	l := needsCgroups(t)
	for i, d := range pathOf(t, l, "", "box") {
		self := l.Hierarchies[i].Self
		if d.V2() {
			self = path.Dir(self)
		}
		if want := strings.TrimSuffix(self, "/") + "/box"; d.Path != want {
			t.Errorf("%s: %s, want %s", d.Mount, d.Path, want)
		}
	}
}

func TestRootOfMount(t *testing.T) {
	const table = "22 27 0:21 / /proc rw - proc proc rw\n" +
		"36 31 0:33 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n" +
		"37 31 0:34 /below /sys/fs/cgroup/twice rw - cgroup cgroup rw\n" +
		"38 31 0:34 /on\\040top /sys/fs/cgroup/twice rw - cgroup cgroup rw\n" +
		"39 31 0:35 / /sys/fs/cgroup/whole rw - cgroup cgroup rw\n"
	for mount, want := range map[string]string{
		"/sys/fs/cgroup/memory": "/docker/abc",
		"/sys/fs/cgroup/twice":  "/on top",
		"/sys/fs/cgroup/whole":  "",
		"/sys/fs/cgroup/none":   "",
	} {
		if got := rootOfMount(linux.ParseMounts(table), mount); got != want {
			t.Errorf("%s: %q, want %q", mount, got, want)
		}
	}
}

// seePart shows the part of a hierarchy at its mount point, as it is in a
// container without a cgroup namespace, and prints where a new cgroup goes.
func seePart(part, mount string) {
	err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, "")
	if err == nil {
		err = syscall.Mount(part, mount, "", syscall.MS_BIND, "")
	}
	l, derr := Detect()
	dirs, perr := Path(l, "", "box")
	if err := errors.Join(err, derr, perr); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	for _, d := range dirs {
		fmt.Println(d.Name())
	}
	os.Exit(0)
}

func TestPathPartMounted(t *testing.T) {
	layouts(t, func(t *testing.T, l Layout) {
		c := create(t, l)
		sub(t, c, "inner", 0)
		d := c.dirs[len(c.dirs)-1]
		inner := "/inner/box"
		if d.V2() {
			inner = "/box" // beside the caller's own
		}
		for _, tt := range []struct{ in, want string }{
			{d.Path, "/box"},
			{d.Path + "/inner", inner},
		} {
			cmd := exec.Command("/bin/sh", "-c", `echo 0 >"$0" && exec "$@"`, d.Mount+tt.in+"/cgroup.procs",
				"/proc/"+strconv.Itoa(os.Getpid())+"/exe", "see-part", d.Name(), d.Mount)
			cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
			out, err := cmd.CombinedOutput()
			if err != nil || !strings.Contains(string(out), d.Mount+tt.want+"\n") {
				t.Errorf("%s: %v, no %s in\n%s", tt.in, err, d.Mount+tt.want, out)
			}
		}
	})
}

func TestLoadRefused(t *testing.T) {
	for _, d := range []Dir{
		{"cpu", "/sys/fs/cgroup/cpu", ""},
		{"cpu", "/sys/fs/cgroup/cpu", "/"},
		{"cpu", "/sys/fs/cgroup/cpu", "relative"},
		{"cpu", "/sys/fs/cgroup/cpu", "/a/../.."},
		{"cpu", "", "/a"},
	} {
		if c, err := Load([]Dir{d}); err == nil {
			t.Errorf("%+v: %v", d, c)
		}
	}
}

// The caller's own cgroups are never killed, whatever a state file says.
func TestKillRefusesOwn(t *testing.T) {
	l := needsCgroups(t)
	for _, h := range l.Hierarchies {
		c := &Cgroup{[]Dir{{h.Controllers, h.Mount, h.visibleSelf()}}}
		if err := c.Kill(); !errors.Is(err, errOwn) {
			t.Errorf("%s: %v", h.Mount, err)
		}
	}
}
