package cgroup

import (
	"errors"
	"os"
	"os/exec"
	"path"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/keg-project/keg/resources"
)

// A cgroup that has processes hands nothing down: the error says which one,
// and nothing is enabled in it. It would take cpu or cpuset, and then no
// process could enter what is below it.
func TestApplyNotHandedDown(t *testing.T) {
	layouts(t, func(t *testing.T, l Layout) {
		h, controller := unifiedController(t, l)
		above := create(t, Layout{V2, []Hierarchy{h}})
		occupy(t, above)
		c, err := Create(pathOf(t, Layout{V2, []Hierarchy{h}}, above.dirs[0].Path+"/below", "box"))
		if err != nil {
			t.Fatal(err)
		}
		err = c.Apply([]resources.Write{{Field: "linux.resources.x", Controller: controller, File: controller + ".max", Value: "1"}})
		if want := "linux.resources.x: the controller " + controller + " is not handed down: cgroup " + above.dirs[0].Name() + ": "; err == nil ||
			!errors.Is(err, errInternal) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
		if on, err := os.ReadFile(above.dirs[0].Name() + "/cgroup.subtree_control"); err != nil || strings.TrimSpace(string(on)) != "" {
			t.Errorf("%s, %v", on, err)
		}
		if kind, err := os.ReadFile(c.dirs[0].Name() + "/cgroup.type"); err != nil || string(kind) != "domain\n" {
			t.Errorf("type %s, %v", kind, err)
		}
		if err := c.Remove(); err != nil {
			t.Error(err)
		}
	})
}

// What the unified hierarchy has is handed down from the start where it is alone,
// and in a hybrid with the first limit that needs it: until then what is above a
// container's cgroup takes processes, as on v1.
func TestEnabledWhenNeeded(t *testing.T) {
	layouts(t, func(t *testing.T, l Layout) {
		_, controller := unifiedController(t, l)
		top := create(t, l)
		c, err := Create(pathOf(t, l, path.Base(top.dirs[0].Path)+"/below/box", ""))
		if err != nil {
			t.Fatal(err)
		}
		cleanUp(t, c)
		unified, _ := c.dirOf("")
		has := func() bool { return listed(unified.Name()+"/cgroup.controllers", controller) }
		needs := func(controller string) []resources.Write {
			return []resources.Write{{Controller: controller, File: controller + ".none", Value: "1", Optional: true}}
		}
		if got := has(); got != (l.Mode == V2) {
			t.Errorf("has %s from the start: %v", controller, got)
		}
		if err := c.Apply(needs("pids")); err != nil || has() != (l.Mode == V2) {
			t.Errorf("with a limit of pids: %v, has %s: %v", err, controller, has())
		}
		if l.Mode == Hybrid {
			occupy(t, top)
			kept, err := c.Facts()
			if err != nil || !errors.Is(kept.Kept[controller], errInternal) || slices.Contains(kept.V2, controller) {
				t.Errorf("below a cgroup with a process: %+v, %v", kept, err)
			}
			if err := top.Kill(); err != nil {
				t.Error(err)
			}
		}
		if f, err := c.Facts(); err != nil || !slices.Contains(f.V2, controller) {
			t.Errorf("%+v, %v", f, err)
		}
		if _, err := c.Update(needs(controller)); err != nil || !has() {
			t.Errorf("with a limit of %s: %v, %v", controller, err, has())
		}
	})
}

// One that no cgroup has, and one that was disabled meanwhile.
func TestApplyDisabled(t *testing.T) {
	layouts(t, func(t *testing.T, l Layout) {
		h, controller := unifiedController(t, l)
		top := create(t, Layout{V2, []Hierarchy{h}})
		c, err := Create(pathOf(t, Layout{V2, []Hierarchy{h}}, top.dirs[0].Path+"/below", "box"))
		if err != nil {
			t.Fatal(err)
		}
		control := top.dirs[0].Name() + "/cgroup.subtree_control"
		if err := os.WriteFile(control, []byte("-"+controller), 0); err != nil {
			t.Fatal(err)
		}
		err = c.Apply([]resources.Write{{Field: "f", Controller: controller, File: controller + ".max", Value: "1"}})
		if err == nil || !strings.Contains(err.Error(), "not handed down: write "+control+": another has just disabled it: try again") {
			t.Error(err)
		}
		err = c.Apply([]resources.Write{{Field: "f", Controller: "none", File: "none.max", Value: "1"}})
		if err == nil || !strings.Contains(err.Error(), "f: cgroup "+h.Mount+": it does not have the controller none") {
			t.Error(err)
		}
		if err := c.Remove(); err != nil {
			t.Error(err)
		}
	})
}

func TestKeepsBackReadOnly(t *testing.T) {
	layouts(t, func(t *testing.T, l Layout) {
		h, _ := unifiedController(t, l)
		cmd := exec.Command("/bin/sh", "-c", `mount --make-rprivate / && mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"`,
			h.Mount, "/proc/"+strconv.Itoa(os.Getpid())+"/exe", "keeps-back", h.Mount)
		cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.HasPrefix(string(out), "cgroup "+h.Mount+": it is mounted read-only (hint: ") {
			t.Errorf("%v\n%s", err, out)
		}
	})
}

// unifiedController is one that the unified hierarchy has.
func unifiedController(t *testing.T, l Layout) (Hierarchy, string) {
	t.Helper()
	for _, h := range l.Hierarchies {
		if !h.V2() {
			continue
		}
		text, err := os.ReadFile(h.Mount + "/cgroup.controllers")
		if list := strings.Fields(string(text)); err == nil && len(list) > 0 {
			return h, list[0]
		}
	}
	t.Skip("no controllers in a unified hierarchy")
	return Hierarchy{}, ""
}
