package plan

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keg-project/keg/devices"
	"github.com/keg-project/keg/resources"
	"github.com/keg-project/keg/spec"
	"github.com/keg-project/keg/unit"
)

var update = flag.Bool("update", false, "rewrite the golden plans")

// hostFacts are the machine that golden plans are made for. It knows but six
// capabilities, so that plans stay short.
func hostFacts() Facts {
	return Facts{Privileged: true, Mknod: true, LastCap: 5,
		Devices:      devices.Facts{Control: devices.Program, Privileged: true},
		Resources:    resources.Facts{Unified: true, V2: strings.Fields("cpuset cpu io memory hugetlb pids rdma misc"), HugePages: []string{"1GB", "2MB"}},
		CgroupMounts: []CgroupMount{{Path: "/sys/fs/cgroup/box", Unified: true}}}
}

func cgroupV1() []CgroupMount {
	return []CgroupMount{
		{Name: "cpu,cpuacct", Options: "cpu,cpuacct", Path: "/sys/fs/cgroup/cpu,cpuacct/box", Controllers: []string{"cpu", "cpuacct"}},
		{Name: "systemd", Options: "none,name=systemd", Path: "/sys/fs/cgroup/systemd/box"},
		{Name: "unified", Unified: true},
	}
}

// inputs says how a subject's input differs from `keg create` by root.
var inputs = map[string]func(*Input){
	"run":                 func(in *Input) { in.Wait = false },
	"hooks_run":           func(in *Input) { in.Wait = false },
	"init":                func(in *Input) { in.Wait, in.Attached = false, true },
	"rootless":            ordinaryUser,
	"overlay_root_userns": ordinaryUser,
	"devices_userns":      ordinaryUser,
	"no_pivot":            func(in *Input) { in.NoPivot, in.NoNewKeyring = true, true },
	"initramfs":           func(in *Input) { in.Host.Initramfs = true },
	"preserve_fds":        func(in *Input) { in.PreserveFDs = 2 },
	"apparmor":            func(in *Input) { in.Host.AppArmor = true },
	"selinux":             func(in *Input) { in.Host.SELinux = true },
	"mount_label":         func(in *Input) { in.Host.SELinux = true },
	"listen_fds":          func(in *Input) { in.ListenFDs, in.ListenNames, in.PreserveFDs = 2, "web:api", 1 },
	"notify":              func(in *Input) { in.NotifySocket = "/run/systemd/notify" },
	"capabilities":        func(in *Input) { in.Host.LastCap = 41 },
	"cgroup_v1":           onV1,
	"cgroup_v1_namespace": onV1,
	"device_rules_v1":     onV1,
	"limits_v1": func(in *Input) {
		in.Host.Devices.Control = devices.V1Files
		in.Host.Resources = resources.Facts{V1: strings.Fields("cpu cpuset memory pids")}
	},
	"systemd":      func(in *Input) { in.Scope = scope(in, false) },
	"systemd_user": func(in *Input) { ordinaryUser(in); in.Scope = scope(in, true) },
	"systemd_v1": func(in *Input) {
		onV1(in)
		in.Scope = scope(in, false)
		in.Host.Resources = resources.Facts{V1: strings.Fields("cpu cpuacct cpuset memory pids")}
	},
}

func onV1(in *Input) {
	in.Host.Resources.Unified, in.Host.CgroupMounts, in.Host.Devices.Control = false, cgroupV1(), devices.V1Files
}

// scope is the unit that the input asks systemd for.
func scope(in *Input, user bool) *unit.Scope {
	s, err := unit.Of(unit.Config{ID: in.ID, CgroupsPath: in.Spec.Linux.CgroupsPath, Annotations: in.Spec.Annotations, User: user})
	if err != nil {
		panic(err)
	}
	return s
}

func ordinaryUser(in *Input) {
	in.Host.Devices = devices.Facts{}
	in.Host.UID, in.Host.GID, in.Host.Privileged, in.Host.Mknod = 1000, 1000, false, false
}

// input reads a configuration, and refuses what keg itself would refuse.
func input(t testing.TB, config string) Input {
	t.Helper()
	data, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	s, err := spec.Decode(data)
	if err == nil {
		err = spec.Validate(s)
	}
	if err != nil {
		t.Fatal(err)
	}
	return Input{Spec: s, ID: "box", Bundle: "/bundle", Host: hostFacts(), Wait: true}
}

func text(t testing.TB, p *Plan, verbose bool) string {
	t.Helper()
	var b strings.Builder
	for _, w := range p.Warnings {
		b.WriteString("warning: " + w + "\n")
	}
	if err := p.WriteText(&b, verbose); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs at line %s", path, firstDifference(got, string(want)))
	}
}

func firstDifference(got, want string) string {
	w := strings.Split(want, "\n")
	for i, line := range strings.Split(got, "\n") {
		if i >= len(w) || line != w[i] {
			return strings.Join(append([]string{line, "want"}, w[min(i, len(w)):min(i+1, len(w))]...), "\n")
		}
	}
	return "(shorter)\nwant\n" + w[len(strings.Split(got, "\n"))]
}

// Each subject of a configuration has a plan that a person has read.
func TestGoldenPlans(t *testing.T) {
	configs, err := filepath.Glob("testdata/*/config.json")
	if err != nil || len(configs) < 40 {
		t.Fatalf("%d configurations, %v", len(configs), err)
	}
	known := map[string]bool{}
	for _, config := range configs {
		dir := filepath.Dir(config)
		subject := filepath.Base(dir)
		known[subject] = true
		t.Run(subject, func(t *testing.T) {
			in := input(t, config)
			if vary := inputs[subject]; vary != nil {
				vary(&in)
			}
			p, err := Compile(in)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := p.Program.Link(p.SyncFD); err != nil {
				t.Fatal(err)
			}
			golden(t, filepath.Join(dir, "plan.txt"), text(t, p, true))
		})
	}
	for subject := range inputs {
		if !known[subject] {
			t.Errorf("no testdata for %s", subject)
		}
	}
}

// What engines write is compiled as a whole; the short form is what most
// people see.
func TestGoldenEngines(t *testing.T) {
	for _, engine := range []string{"docker", "podman", "containerd"} {
		t.Run(engine, func(t *testing.T) {
			in := input(t, "../spec/testdata/"+engine+".json")
			in.Host.LastCap = 40
			p, err := Compile(in)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, filepath.Join("testdata", engine+".txt"), text(t, p, false))
		})
	}
}
