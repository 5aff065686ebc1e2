package limits

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// onDisk is a directory on a block device, and the disk that limits are for.
func onDisk(t *testing.T) (dir string, disk oci.LinuxBlockIODevice) {
	t.Helper()
	kegtest.NeedRoot(t)
	dir, err := os.MkdirTemp("/var/tmp", "keg-test-") // /tmp may be memory
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	var st syscall.Stat_t
	if err := syscall.Stat(dir, &st); err != nil {
		t.Fatal(err)
	}
	block := fmt.Sprintf("/sys/dev/block/%d:%d", st.Dev>>8&0xfff, st.Dev&0xff|st.Dev>>12&^0xff)
	if _, err := os.Stat(block + "/partition"); err == nil {
		block += "/.."
	}
	text, err := os.ReadFile(block + "/dev")
	if err != nil {
		kegtest.Skip(t, "/var/tmp is on no disk: %v", err)
	}
	major, minor, _ := strings.Cut(strings.TrimSpace(string(text)), ":")
	disk.Major, disk.Minor = int64(number(t, major)), int64(number(t, minor))
	return dir, disk
}

// What goes to and from the disk takes as long as the limit says: 8 pieces, of
// which 16 are the limit of a second, half a second; much less without. The
// kernel gives the first tenth of a second's for nothing.
func TestThrottle(t *testing.T) {
	dir, disk := onDisk(t)
	const piece = 128 << 10
	if err := os.WriteFile(filepath.Join(dir, "read"), make([]byte, 8*piece), 0o644); err != nil {
		t.Fatal(err)
	}
	fd, err := os.Open(filepath.Join(dir, "read"))
	if err == nil {
		err = fd.Sync()
		fd.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	limit := func(rate uint64) []oci.LinuxThrottleDevice {
		return []oci.LinuxThrottleDevice{{LinuxBlockIODevice: disk, Rate: rate}}
	}
	const read, write = "dd if=/data/read of=/dev/null iflag=direct bs=", "dd if=/dev/zero of=/data/written oflag=direct count=8 bs="
	for name, tt := range map[string]struct {
		r      oci.LinuxBlockIO
		script string
	}{
		"read bps":   {oci.LinuxBlockIO{ThrottleReadBpsDevice: limit(16 * piece)}, read + strconv.Itoa(piece)},
		"write bps":  {oci.LinuxBlockIO{ThrottleWriteBpsDevice: limit(16 * piece)}, write + strconv.Itoa(piece)},
		"read iops":  {oci.LinuxBlockIO{ThrottleReadIOPSDevice: limit(16)}, read + strconv.Itoa(piece)},
		"write iops": {oci.LinuxBlockIO{ThrottleWriteIOPSDevice: limit(16)}, write + "4096"},
	} {
		t.Run(name, func(t *testing.T) {
			b := limited(t, oci.LinuxResources{BlockIO: &tt.r}, "read a x </proc/uptime; "+tt.script+"; read b x </proc/uptime; echo $a $b")
			b.Spec.Mounts = append(b.Spec.Mounts, oci.Mount{Destination: "/data", Type: "bind", Source: dir, Options: []string{"bind"}})
			var start, end float64
			if _, err := fmt.Sscan(b.Output(), &start, &end); err != nil || end-start < 0.3 {
				t.Errorf("from %v to %v, %v", start, end, err)
			}
		})
	}
}

// A kernel that has weights takes one; the others say that they have none.
func TestWeight(t *testing.T) {
	weight := uint16(200)
	r := limited(t, oci.LinuxResources{BlockIO: &oci.LinuxBlockIO{Weight: &weight}}, "echo started").Run()
	if r.Code != 0 && !strings.Contains(r.Stderr, "linux.resources.blockIO.weight: ") {
		t.Errorf("exit status %d\n%s", r.Code, r.Stderr)
	}
	if _, err := os.Stat("/sys/module/bfq"); err == nil && r.Stdout != "started\n" {
		t.Errorf("exit status %d\n%s", r.Code, r.Stderr)
	}
}
