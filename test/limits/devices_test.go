package limits

import (
	"os"
	"strings"
	"testing"
	"time"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// mayOpen prints which of some nodes the rules let the container open: kmsg
// (1:11), and one without a driver (1:77), which is refused by the rules before
// it is missed.
const mayOpen = `may() { case "$2" in *permitted*) ;; *) echo -n "$1 ";; esac; }
for d in kmsg none null; do
	may $d:r "$( (exec < /dev/$d) 2>&1)"; may $d:w "$( (exec > /dev/$d) 2>&1)"; may $d:rw "$( (exec <> /dev/$d) 2>&1)"
done`

const always = "null:r null:w null:rw "

func rule(allow bool, kind string, major, minor int64, access string) oci.LinuxDeviceCgroup {
	return oci.LinuxDeviceCgroup{Allow: allow, Type: kind, Major: &major, Minor: &minor, Access: access}
}

// withNodes is a bundle of root's whose container has the nodes, and the
// capabilities that their drivers ask for.
func withNodes(t *testing.T, script string, rules ...oci.LinuxDeviceCgroup) *kegtest.Bundle {
	t.Helper()
	b := limited(t, oci.LinuxResources{}, script)
	b.Spec.Linux.Resources.Devices = rules
	b.Spec.Linux.Devices = []oci.LinuxDevice{{Path: "/dev/kmsg", Type: "c", Major: 1, Minor: 11}, {Path: "/dev/none", Type: "c", Major: 1, Minor: 77}}
	c := b.Spec.Process.Capabilities
	for _, set := range []*[]string{&c.Bounding, &c.Effective, &c.Permitted} {
		*set = append(*set, "CAP_MKNOD", "CAP_SYSLOG", "CAP_SYS_ADMIN")
	}
	return b
}

// Devices are denied unless a rule allows them or every container has them; a
// node of linux.devices is no rule, as with other runtimes.
func TestDevices(t *testing.T) {
	kegtest.NeedRoot(t)
	denyAll := oci.LinuxDeviceCgroup{Access: "rwm"}
	const all = "kmsg:r kmsg:w kmsg:rw none:r none:w none:rw " + always
	for _, tt := range []struct {
		rules []oci.LinuxDeviceCgroup
		want  string
	}{
		{nil, always},
		{[]oci.LinuxDeviceCgroup{denyAll}, always},
		{[]oci.LinuxDeviceCgroup{denyAll, rule(true, "c", 1, 77, "rw")}, "none:r none:w none:rw " + always},
		{[]oci.LinuxDeviceCgroup{denyAll, rule(true, "c", 1, 77, "r")}, "none:r " + always},
		{[]oci.LinuxDeviceCgroup{denyAll, rule(true, "c", 1, -1, "r"), rule(true, "c", 1, 77, "w")}, "kmsg:r none:r none:w none:rw " + always},
		{[]oci.LinuxDeviceCgroup{denyAll, rule(true, "b", 1, -1, "rw")}, always},
		{[]oci.LinuxDeviceCgroup{rule(true, "c", 1, 77, "rw"), rule(false, "a", 1, 77, "w")}, "none:r " + always},
		{[]oci.LinuxDeviceCgroup{{Allow: true, Access: "rwm"}}, all},
		{[]oci.LinuxDeviceCgroup{{Allow: true}, rule(false, "c", 1, 77, "w")}, strings.Replace(all, " none:w none:rw", "", 1)},
		{[]oci.LinuxDeviceCgroup{{Allow: true}, denyAll}, always},
	} {
		if out := withNodes(t, mayOpen, tt.rules...).Output(); out != tt.want {
			t.Errorf("%+v\ngot  %s\nwant %s", tt.rules, out, tt.want)
		}
	}
}

// A part of what is allowed can be denied by a program only.
func TestDevicesPartDenied(t *testing.T) {
	kegtest.NeedRoot(t)
	b := withNodes(t, mayOpen, rule(true, "c", 1, -1, "rw"), rule(false, "c", 1, 11, "rw"))
	if unified() {
		if out := b.Output(); out != "none:r none:w none:rw "+always {
			t.Error(out)
		}
		return
	}
	r := b.Run()
	if r.Code != 1 || !strings.Contains(r.Stderr, "linux.resources.devices[1]: cgroup v1 cannot deny c 1:11 rw") {
		t.Errorf("exit status %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
}

// A node can be made of any device, but that gives no access to it; what every
// container has works, terminals too.
func TestDevicesNodes(t *testing.T) {
	kegtest.NeedRoot(t)
	b := withNodes(t, `mknod /dev/mine c 1 77 && mknod /dev/disk b 7 77 && mknod /dev/naught c 1 3 && echo made
	cat /dev/mine 2>&1; cat /dev/disk 2>&1; cat /dev/naught && echo x > /dev/naught && echo naught
	head -c 3 /dev/zero | wc -c; head -c 3 /dev/urandom | wc -c; (exec <> /dev/ptmx) && echo ptmx`, oci.LinuxDeviceCgroup{Access: "rwm"})
	const want = "made\ncat: can't open '/dev/mine': Operation not permitted\ncat: can't open '/dev/disk': Operation not permitted\nnaught\n3\n3\nptmx\n"
	if out := b.Output(); out != want {
		t.Errorf("got\n%swant\n%s", out, want)
	}
}

// The rules hold for a process that exec starts, for as long as the container
// runs, though no keg does.
func TestDevicesOutliveKeg(t *testing.T) {
	kegtest.NeedRoot(t)
	b := withNodes(t, "until [ -e /go ]; do :; done; "+strings.ReplaceAll(mayOpen, "echo -n", "echo >>/out -n")+"; echo >> /out; exec sleep 100",
		oci.LinuxDeviceCgroup{Access: "rwm"}, rule(true, "c", 1, 77, "r"))
	b.Spec.Root.Readonly = false
	b.Write()
	t.Cleanup(func() { b.Keg("delete", "-f", b.ID()) })
	if r := b.Keg("run", "-d", "--bundle", b.Dir, b.ID()); r.Code != 0 {
		t.Fatal(r.Stderr)
	}
	r := b.Keg("exec", b.ID(), "sh", "-c", mayOpen)
	if r.Stdout != "none:r "+always {
		t.Errorf("exec: %s%s", r.Stdout, r.Stderr)
	}
	if err := os.WriteFile(b.Dir+"/rootfs/go", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		out, _ := os.ReadFile(b.Dir + "/rootfs/out")
		if strings.HasSuffix(string(out), "\n") {
			if string(out) != "none:r "+always+"\n" {
				t.Errorf("%s", out)
			}
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%s", out)
		}
	}
}
