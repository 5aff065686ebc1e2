package cgroup

import (
	"errors"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/keg-project/keg/resources"
)

// made is a cgroup of the machine's layout, and which dialect its controller
// memory speaks, as those of all controllers here do.
func made(t *testing.T) (c *Cgroup, v2 bool) {
	t.Helper()
	l := needsCgroups(t)
	return create(t, l), l.Mode == V2
}

func write(controller, file, value string) resources.Write {
	return resources.Write{Field: "linux.resources." + controller, Controller: controller, File: file, Value: value}
}

func read(t *testing.T, c *Cgroup, controller, file string) string {
	t.Helper()
	d, _ := c.dirOf(controller)
	text, err := os.ReadFile(d.Name() + "/" + file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}

// dependentPair are two values of which each bounds the other.
func dependentPair(v2 bool, small, large string) []resources.Write {
	if v2 {
		return []resources.Write{write("cpu", "cpu.max", large+" 100000"), write("cpu", "cpu.max.burst", small)}
	}
	return []resources.Write{write("memory", "memory.limit_in_bytes", small), write("memory", "memory.memsw.limit_in_bytes", large)}
}

// Whether values rise or fall, the one that has to go first does.
func TestUpdateDependent(t *testing.T) {
	c, v2 := made(t)
	for _, pair := range [][2]string{{"40960", "81920"}, {"409600", "819200"}, {"8192", "16384"}, {"819200", "819200"}} {
		limits := dependentPair(v2, pair[0], pair[1])
		if _, err := c.Update(limits); err != nil {
			t.Fatal(err)
		}
		for _, w := range limits {
			if got := read(t, c, w.Controller, w.File); got != w.Value {
				t.Errorf("%s is %s, want %s", w.File, got, w.Value)
			}
		}
	}
}

// A refused value leaves all of them as they were.
func TestUpdatePutsBack(t *testing.T) {
	c, v2 := made(t)
	memory, limit, shares := "memory.limit_in_bytes", "33554432", "cpu.shares"
	if v2 {
		memory, shares = "memory.max", "cpu.weight"
	}
	if err := c.Apply([]resources.Write{write("memory", memory, limit), write("cpu", shares, "300")}); err != nil {
		t.Fatal(err)
	}
	cpus := read(t, c, "cpuset", "cpuset.cpus")
	_, err := c.Update([]resources.Write{
		write("memory", memory, "67108864"), write("cpu", shares, "200"), write("cpuset", "cpuset.cpus", "0"),
		write("pids", "pids.max", "many"), write("memory", memory, "1048576"),
	})
	if err == nil || !errors.Is(err, syscall.EINVAL) || !strings.HasPrefix(err.Error(), "linux.resources.pids: write /sys/fs/cgroup/") {
		t.Error(err)
	}
	for _, w := range []resources.Write{
		write("memory", memory, limit), write("cpu", shares, "300"), write("cpuset", "cpuset.cpus", cpus), write("pids", "pids.max", "max"),
	} {
		if got := read(t, c, w.Controller, w.File); got != w.Value {
			t.Errorf("%s is %s, want %s", w.File, got, w.Value)
		}
	}
}

// runtime-spec config-linux.md#memory, checkBeforeUpdate.
func TestUpdateBelowUsage(t *testing.T) {
	c, v2 := made(t)
	w := write("pids", "pids.max", "1")
	w.NotBelow = "pids.current"
	if _, err := c.Update([]resources.Write{w}); err != nil {
		t.Fatal(err)
	}
	occupy(t, c)
	w.Value = "0"
	other := write("cpu", "cpu.shares", "300")
	if v2 {
		other.File = "cpu.weight"
	}
	before := read(t, c, "cpu", other.File)
	_, err := c.Update([]resources.Write{other, w})
	if err == nil || !strings.Contains(err.Error(), "pids.current is 1 already") || read(t, c, "pids", "pids.max") != "1" {
		t.Error(err)
	}
	if got := read(t, c, "cpu", other.File); got != before {
		t.Errorf("%s is %s, was %s", other.File, got, before)
	}
}

// The file of a new period holds the quota too.
func TestUpdateKeeps(t *testing.T) {
	c, v2 := made(t)
	if !v2 {
		t.Skip("v2 only") // v1 has a file for each
	}
	w := write("cpu", "cpu.max", "max 50000")
	w.Keep = true
	for _, step := range []struct {
		limit resources.Write
		want  string
	}{{w, "max 50000"}, {write("cpu", "cpu.max", "20000"), "20000 50000"}, {w, "20000 50000"}} {
		if _, err := c.Update([]resources.Write{step.limit}); err != nil || read(t, c, "cpu", "cpu.max") != step.want {
			t.Errorf("%v: %s, %v", step, read(t, c, "cpu", "cpu.max"), err)
		}
	}
}

// A missing file is no failure where it would change nothing.
func TestApplyMissing(t *testing.T) {
	c, _ := made(t)
	w := write("pids", "pids.missing", "1")
	if err := c.Apply([]resources.Write{w}); !errors.Is(err, syscall.ENOENT) {
		t.Error(err)
	}
	w.Optional = true
	if err := c.Apply([]resources.Write{w}); err != nil {
		t.Error(err)
	}
}

// What the cgroup above has not is refused, and not replaced by what it has.
func TestApplyCPUsOfAnother(t *testing.T) {
	c, v2 := made(t)
	if !v2 {
		t.Skip("v2 only") // v1's kernel refuses it of itself
	}
	if err := c.Apply([]resources.Write{write("cpuset", "cpuset.cpus", "0")}); err != nil {
		t.Fatal(err)
	}
	below := Cgroup{slices.Clone(c.dirs)}
	for i := range below.dirs {
		below.dirs[i].Path += "/below"
	}
	if _, err := Create(below.dirs); err != nil {
		t.Fatal(err)
	}
	for cpus, want := range map[string]bool{"0": true, "0-1": true, "1": false} {
		_, err := below.Update([]resources.Write{write("cpuset", "cpuset.cpus", cpus)})
		if (err == nil) != want || !want && !strings.Contains(err.Error(), "(hint: it has 0)") {
			t.Errorf("%s: %v", cpus, err)
		}
		if !want && read(t, &below, "cpuset", "cpuset.cpus") == cpus {
			t.Error("it is not put back")
		}
	}
}

// No swap is accounted where there is no file for it: that it is limited is
// true only of a machine that has none.
func TestApplyNoSwapAccounting(t *testing.T) {
	c, _ := made(t)
	swaps, err := os.ReadFile("/proc/swaps")
	if err != nil {
		t.Fatal(err)
	}
	err = c.Apply([]resources.Write{write("pids", "memory.memsw.limit_in_bytes", "4096")})
	if none := strings.Count(string(swaps), "\n") < 2; none && err != nil ||
		!none && (err == nil || !strings.Contains(err.Error(), "does not account swap")) {
		t.Errorf("%s%v", swaps, err)
	}
}

// A CPU that is not there: the error says which are.
func TestApplyCPUs(t *testing.T) {
	c, _ := made(t)
	err := c.Apply([]resources.Write{write("cpuset", "cpuset.cpus", "4000")})
	if err == nil || !strings.Contains(err.Error(), "(hint: the cgroup above has 0") {
		t.Error(err)
	}
}
