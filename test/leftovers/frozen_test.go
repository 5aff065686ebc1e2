package leftovers

import (
	"os"
	"strconv"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// TestFrozen ends containers whose cgroup is frozen. On v1 a killed process
// stays as long as the freezer holds it.
func TestFrozen(t *testing.T) {
	kegtest.NeedRoot(t)
	for _, command := range []string{"delete", "kill"} {
		t.Run(command, func(t *testing.T) {
			b := bundle(t, func(*oci.Spec) {})
			before := kegtest.Leftovers()
			pid := created(t, b)
			freeze(t, b, pid)
			args := []string{"delete", "-f", b.ID()}
			if command == "kill" {
				args = []string{"kill", b.ID(), "KILL"}
			}
			if r := b.Keg(args...); r.Code != 0 {
				t.Errorf("%v: %s", args, r.Stderr)
			}
			if command == "kill" {
				waitStopped(t, b)
			}
			clear(t, b, scene{name: command}, 0, before)
		})
	}
}

func waitStopped(t *testing.T, b *kegtest.Bundle) {
	t.Helper()
	for range 10000 {
		if strings.Contains(b.Keg("state", b.ID()).Stdout, `"stopped"`) {
			return
		}
	}
	t.Error("killed, and not stopped")
}

// freeze freezes the cgroup of a process: v1's, where there is a freezer.
func freeze(t *testing.T, b *kegtest.Bundle, pid int) {
	t.Helper()
	table, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cgroup")
	if err != nil {
		t.Fatal(err)
	}
	file, value, thawed := "", "", ""
	for line := range strings.Lines(string(table)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		switch {
		case parts[1] == "freezer":
			file, value, thawed = "/sys/fs/cgroup/freezer"+parts[2]+"/freezer.state", "FROZEN", "THAWED"
		case parts[0] == "0" && file == "":
			file, value, thawed = "/sys/fs/cgroup"+parts[2]+"/cgroup.freeze", "1", "0"
		}
	}
	if err := os.WriteFile(file, []byte(value), 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // nothing is there any more, if all is well
		os.WriteFile(file, []byte(thawed), 0)
		b.Keg("delete", "-f", b.ID())
	})
}
