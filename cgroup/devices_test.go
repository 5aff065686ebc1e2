package cgroup

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/devices"
	"github.com/keg-project/keg/linux"
)

func number(n int64) *int64 { return &n }

// only allows, beside what every container may use, a device of major number 1.
func only(minor int64, access string) *devices.Set {
	return devices.Compile([]oci.LinuxDeviceCgroup{{Access: "rwm"}, {Allow: true, Type: "c", Major: number(1), Minor: number(minor), Access: access}})
}

func allDevices() *devices.Set {
	return devices.Compile([]oci.LinuxDeviceCgroup{{Allow: true}})
}

// nodes makes two nodes that no container may use unasked: kmsg (1:11) and one
// without a driver (1:77), which is refused by the rules before it is missed.
func nodes(t *testing.T) (dir string) {
	t.Helper()
	dir, err := os.MkdirTemp("/dev", "keg-test-") // elsewhere nodes may be forbidden
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	for name, minor := range map[string]uint32{"kmsg": 11, "none": 77, "null": 3} {
		if err := syscall.Mknod(filepath.Join(dir, name), syscall.S_IFCHR|0o666, int(linux.Mkdev(1, minor))); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// opens tells which of the nodes the rules let a process in the cgroup open:
// "kmsg:r".
func opens(t *testing.T, c *Cgroup, dir string) string {
	t.Helper()
	script := `read go; may() { case "$2" in *permitted*) ;; *) echo $1;; esac; }
	for d in kmsg none null; do
		may $d:r "$( (exec < $d) 2>&1)"; may $d:w "$( (exec > $d) 2>&1)"; may $d:rw "$( (exec <> $d) 2>&1)"
	done`
	cmd := exec.Command("/bin/sh", "-c", script)
	cmd.Dir = dir
	var out strings.Builder
	cmd.Stdout = &out
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if err := c.attach(cmd.Process.Pid); err != nil {
		t.Error(err)
	}
	stdin.Close()
	if err := cmd.Wait(); err != nil && cmd.ProcessState.ExitCode() < 0 {
		t.Error(err)
	}
	return strings.Join(strings.Fields(out.String()), " ")
}

func setDevices(t *testing.T, c *Cgroup, s *devices.Set) {
	t.Helper()
	if err := c.SetDevices(s); err != nil {
		t.Fatal(err)
	}
}

// Each set takes the place of the one before, also while processes run.
func TestSetDevices(t *testing.T) {
	layouts(t, func(t *testing.T, l Layout) {
		c, dir := create(t, l), nodes(t)
		if DeviceControl(c.dirs) == devices.None {
			t.Fatal("nothing enforces")
		}
		const null = "null:r null:w null:rw"
		all := opens(t, c, dir)
		if !strings.Contains(all, "kmsg:r kmsg:w") || !strings.Contains(all, "none:r none:w none:rw") {
			t.Fatalf("without rules: %s", all)
		}
		occupy(t, c)
		for _, tt := range []struct {
			set  *devices.Set
			want string
		}{
			{devices.Compile(nil), null},
			{only(11, "r"), "kmsg:r " + null},
			{only(11, "r"), "kmsg:r " + null},
			{only(77, "rw"), "none:r none:w none:rw " + null},
			{only(77, "w"), "none:w " + null},
			{allDevices(), all},
			{devices.Compile([]oci.LinuxDeviceCgroup{{Allow: true}, {Type: "c", Major: number(1), Minor: number(77), Access: "w"}}),
				strings.Replace(all, " none:w none:rw", "", 1)},
			{devices.Compile([]oci.LinuxDeviceCgroup{{Allow: true}, {Type: "c", Major: number(1), Minor: number(77), Access: "r"}}),
				strings.Replace(strings.Replace(all, "none:r ", "", 1), " none:rw", "", 1)},
			{only(3, "r"), "null:r"}, // the list has the last word on what it names
		} {
			setDevices(t, c, tt.set)
			if got := opens(t, c, dir); got != tt.want {
				t.Errorf("%q: %q, want %q", tt.set.Lines(), got, tt.want)
			}
			if frozen, err := c.Frozen(); frozen || err != nil {
				t.Errorf("frozen: %v, %v", frozen, err)
			}
		}
		if d, ok := programDir(c); ok {
			if n := programs(t, d, devices.Name); n != 1 {
				t.Errorf("%d programs", n)
			}
		}
	})
}

func programDir(c *Cgroup) (Dir, bool) {
	if DeviceControl(c.dirs) != devices.Program {
		return Dir{}, false
	}
	return c.dirOf("")
}

func programs(t *testing.T, d Dir, name string) int {
	t.Helper()
	fd, err := linux.OpenCgroup(cwd, d.Name())
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(fd)
	fds, err := linux.DevicePrograms(fd, name)
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range fds {
		syscall.Close(fd)
	}
	return len(fds)
}

// Another's program stays, and both have to allow.
func TestSetDevicesBesideOthers(t *testing.T) {
	layouts(t, func(t *testing.T, l Layout) {
		c, dir := create(t, l), nodes(t)
		d, ok := programDir(c)
		if !ok {
			return
		}
		fd, err := linux.OpenCgroup(cwd, d.Name())
		if err != nil {
			t.Fatal(err)
		}
		defer syscall.Close(fd)
		code, _ := only(11, "r").Program()
		other, err := linux.LoadDeviceProgram("sd_devices", code)
		if err == nil {
			err = linux.AttachDeviceProgram(fd, other, -1)
			syscall.Close(other)
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct {
			set  *devices.Set
			want string
		}{
			{allDevices(), "kmsg:r null:r null:w null:rw"},
			{only(11, "rw"), "kmsg:r null:r null:w null:rw"},
			{only(77, "rw"), "null:r null:w null:rw"},
		} {
			setDevices(t, c, tt.set)
			if got := opens(t, c, dir); got != tt.want || programs(t, d, "sd_devices") != 1 {
				t.Errorf("%q: %q, want %q", tt.set.Lines(), got, tt.want)
			}
		}
	})
}

// What the verifier refuses it explains.
func TestVerifierSays(t *testing.T) {
	needsCgroups(t)
	_, err := linux.LoadDeviceProgram("keg_test", []uint64{0x95})
	if err == nil || !strings.Contains(err.Error(), "bpf(BPF_PROG_LOAD): permission denied: the verifier says: ") || !strings.Contains(err.Error(), "R0 !read_ok") {
		t.Error(err)
	}
}

// What v1 cannot do, or the cgroup above does not allow, leaves what was there.
func TestSetDevicesRefused(t *testing.T) {
	l := needsCgroups(t)
	c, dir := create(t, l), nodes(t)
	if DeviceControl(c.dirs) != devices.V1Files {
		return
	}
	setDevices(t, c, only(77, "r"))
	sub := *c
	sub.dirs = nil
	for _, d := range c.dirs {
		d.Path += "/sub"
		sub.dirs = append(sub.dirs, d)
	}
	if _, err := Create(sub.dirs); err != nil {
		t.Fatal(err)
	}
	setDevices(t, &sub, only(3, "r"))
	half := devices.Compile([]oci.LinuxDeviceCgroup{{}, {Allow: true, Type: "c", Major: number(1), Minor: number(77), Access: "r"},
		{Allow: true, Type: "c", Major: number(1), Minor: number(1), Access: "r"}}) // which is written last
	part := devices.Compile([]oci.LinuxDeviceCgroup{{Allow: true, Type: "c", Major: number(1)}, {Type: "c", Major: number(1), Minor: number(11)}})
	for set, want := range map[*devices.Set]string{
		part:          "linux.resources.devices[1]: cgroup v1 cannot deny c 1:11",
		only(11, "r"): "linux.resources.devices[1]: write ",
		half:          "linux.resources.devices[2]: write ",
		allDevices():  "linux.resources.devices: write ",
	} {
		err := sub.SetDevices(set)
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
		if got := opens(t, &sub, dir); got != "null:r" {
			t.Errorf("%v\n%s", err, got)
		}
	}
	if err := c.SetDevices(allDevices()); err == nil || !strings.Contains(err.Error(), "sub-cgroups") {
		t.Error(err)
	}
	if list, _ := os.ReadFile(c.devicesList()); !strings.Contains(string(list), "c 1:77 r\n") {
		t.Errorf("%s", list)
	}
}

func (c *Cgroup) devicesList() string {
	d, _ := c.dirOf("devices")
	return d.Name() + "/devices.list"
}

// While one set takes the place of another, what both deny stays denied, and
// what both allow stays allowed.
func TestSetDevicesNeverLapses(t *testing.T) {
	denying := func(minor int64) *devices.Set {
		return devices.Compile([]oci.LinuxDeviceCgroup{{Allow: true}, {Type: "c", Major: number(1), Minor: number(11)}, {Type: "c", Major: number(1), Minor: number(minor)}})
	}
	layouts(t, func(t *testing.T, l Layout) {
		for name, sets := range map[string][]*devices.Set{
			"allowed": {only(77, "r"), only(78, "r")}, "denied": {denying(77), denying(78)}, "mixed": {denying(77), only(77, "r")},
		} {
			t.Run(name, func(t *testing.T) {
				c, dir := create(t, l), nodes(t)
				setDevices(t, c, sets[0])
				out, err := os.Create(filepath.Join(t.TempDir(), "out"))
				if err != nil {
					t.Fatal(err)
				}
				defer out.Close()
				busy := exec.Command("/bin/sh", "-c", `read go; while :; do { echo read; } < kmsg; { echo read; } < kmsg; { echo read; } < kmsg; { :; } < null || echo not read; done 2> /dev/null`)
				busy.Dir, busy.Stdout = dir, out
				stdin, err := busy.StdinPipe()
				if err == nil {
					err = busy.Start()
				}
				if err == nil {
					err = c.attach(busy.Process.Pid)
				}
				if err != nil {
					t.Fatal(err)
				}
				stdin.Close()
				for i := range 300 {
					setDevices(t, c, sets[(i+1)%2])
				}
				busy.Process.Kill()
				busy.Wait()
				if text, err := os.ReadFile(out.Name()); len(text) > 0 || err != nil {
					t.Errorf("%.60q, %v", text, err)
				}
			})
		}
	})
}
