package main

import (
	"encoding/json"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go/features"

	"github.com/keg-project/keg/plan"
)

func TestFeatures(t *testing.T) {
	status, out, stderr := keg("features")
	if status != 0 {
		t.Fatal(stderr)
	}
	var f features.Features
	d := json.NewDecoder(strings.NewReader(out))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		t.Fatal(err)
	}
	if f.OCIVersionMin != "1.0.0" || f.OCIVersionMax != "1.3.0" {
		t.Errorf("versions %s to %s", f.OCIVersionMin, f.OCIVersionMax)
	}
	// Engines decide by these whether user namespaces may be used.
	if l := f.Linux; !*l.MountExtensions.IDMap.Enabled || !*l.NetDevices.Enabled || !*l.Apparmor.Enabled || !*l.Selinux.Enabled || len(l.MemoryPolicy.Modes) != 7 || len(l.Namespaces) != 8 {
		t.Errorf("%s", out)
	}
	for _, option := range []string{"ro", "rbind", "rro", "idmap"} {
		if !slices.Contains(f.MountOptions, option) {
			t.Errorf("no %s among the mount options %q", option, f.MountOptions)
		}
	}
	if got := strings.Join(f.Hooks, " "); got != "prestart createRuntime createContainer startContainer poststart poststop" {
		t.Errorf("hooks %s", got)
	}
	// What is refused must not be offered.
	if l := f.Linux; !*l.Seccomp.Enabled || len(l.Seccomp.Actions) != 9 || len(l.Seccomp.Operators) != 7 || len(l.Seccomp.Archs) == 0 || !*l.Cgroup.Systemd {
		t.Errorf("%s", out)
	}
}

// A capability that is new in the kernel must be noticed: the list is as long
// as the newest kernel's that keg was tried on.
func TestCapabilitiesAreTheKernels(t *testing.T) {
	data, err := os.ReadFile("/proc/sys/kernel/cap_last_cap")
	if err != nil {
		t.Fatal(err)
	}
	last, err := strconv.Atoi(strings.TrimSpace(string(data)))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(plan.Capabilities()); n < last+1 {
		t.Errorf("%d capabilities, the kernel has %d", n, last+1)
	}
	if caps := plan.Capabilities(); caps[21] != "CAP_SYS_ADMIN" || caps[40] != "CAP_CHECKPOINT_RESTORE" {
		t.Error("not in the order of their numbers")
	}
}
