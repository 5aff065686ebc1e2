package cgroup

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/resources"
)

// Of a file with a line a device, an update that fails puts back the lines that
// it has changed, and takes away those that it has added.
func TestUpdatePutsBackLines(t *testing.T) {
	c, v2 := made(t)
	controller, file := "blkio", "blkio.throttle.read_bps_device"
	if v2 {
		controller, file = "io", "io.max"
	}
	disk, device := anyDisk(t)
	at := func(rate uint64) []oci.LinuxThrottleDevice {
		return []oci.LinuxThrottleDevice{{LinuxBlockIODevice: disk, Rate: rate}}
	}
	facts, err := c.Facts()
	if err != nil {
		t.Fatal(err)
	}
	limits := func(read, write uint64, more ...resources.Write) []resources.Write {
		io := oci.LinuxBlockIO{ThrottleReadBpsDevice: at(read), ThrottleWriteIOPSDevice: at(write)}
		l, err := resources.Compile(&oci.LinuxResources{BlockIO: &io}, facts)
		if err != nil {
			t.Fatal(err)
		}
		return append(l.Writes, more...)
	}
	refused := write("pids", "pids.max", "many")
	none := read(t, c, controller, file)
	if _, err := c.Update(limits(7000, 8, refused)); err == nil || read(t, c, controller, file) != none {
		t.Errorf("%v: %s", err, read(t, c, controller, file))
	}
	if _, err := c.Update(limits(7000, 0)); err != nil {
		t.Fatal(err)
	}
	before := read(t, c, controller, file)
	if !strings.Contains(before, device+" ") || !strings.Contains(before, "7000") {
		t.Errorf("%s: %s", file, before)
	}
	if _, err := c.Update(limits(9000, 8, refused)); err == nil || read(t, c, controller, file) != before {
		t.Errorf("%v: %s, want %s", err, read(t, c, controller, file), before)
	}
	if _, err := c.Update(limits(0, 0)); err != nil || read(t, c, controller, file) != none {
		t.Errorf("%v: %s, want %s", err, read(t, c, controller, file), none)
	}
}

func anyDisk(t *testing.T) (d oci.LinuxBlockIODevice, name string) {
	t.Helper()
	files, err := filepath.Glob("/sys/block/*/dev")
	for _, f := range files {
		if text, err := os.ReadFile(f); err == nil {
			name = strings.TrimSpace(string(text))
			if _, err := fmt.Sscanf(name, "%d:%d", &d.Major, &d.Minor); err == nil {
				return d, name
			}
		}
	}
	if os.Getenv("KEG_MUST_RUN") != "" {
		t.Fatal("no disks", err)
	}
	t.Skip("no disks")
	return d, ""
}
