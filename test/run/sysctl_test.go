package run

import (
	"os"
	"slices"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

func TestSysctl(t *testing.T) {
	kegtest.NeedRoot(t)
	b := bundle(t, "cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/msgmax /proc/sys/fs/mqueue/msg_max /proc/sys/net/ipv4/ping_group_range")
	b.Spec.Linux.Sysctl = map[string]string{
		"net.ipv4.ip_forward": "1", "kernel.msgmax": "4321", "fs.mqueue.msg_max": "17", "net/ipv4/ping_group_range": "3 5",
	}
	before, _ := os.ReadFile("/proc/sys/kernel/msgmax")
	wantOutput(t, b, "1\n4321\n17\n3\t5\n")
	if after, _ := os.ReadFile("/proc/sys/kernel/msgmax"); string(after) != string(before) {
		t.Errorf("the host's was changed from %s to %s", before, after)
	}
}

func TestSysctlInUserNamespace(t *testing.T) {
	b := userBundle(t, "cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/msgmax")
	if os.Geteuid() != 0 {
		b.Spec.Linux.Namespaces = append(b.Spec.Linux.Namespaces, oci.LinuxNamespace{Type: oci.NetworkNamespace})
	}
	b.Spec.Linux.Sysctl = map[string]string{"net.ipv4.ip_forward": "1", "kernel.msgmax": "4321"}
	wantOutput(t, b, "1\n4321\n")
}

// Sysctls are written through keg's own procfs, whatever the image or the
// mounts put on /proc (CVE-2019-16884, CVE-2025-52881).
func TestSysctlWithFakeProc(t *testing.T) {
	kegtest.NeedRoot(t)
	tree := newHostTree(t, "mkdir -p fake/sys/net/ipv4; echo untouched > fake/sys/net/ipv4/ip_forward")
	b := bundle(t, "cat /proc/sys/net/ipv4/ip_forward; umount /proc; cat /real/sys/net/ipv4/ip_forward", mount("proc", "proc", "/real"))
	b.Spec.Mounts[0] = bind(tree.path("fake"), "/proc")
	b.Spec.Linux.MaskedPaths, b.Spec.Linux.ReadonlyPaths = nil, nil
	b.Spec.Linux.Sysctl = map[string]string{"net.ipv4.ip_forward": "1"}
	if r := b.Run(); r.Stdout != "untouched\n1\n" {
		t.Errorf("%s%s", r.Stdout, r.Stderr)
	}
	text, err := os.ReadFile(tree.path("fake/sys/net/ipv4/ip_forward"))
	if err != nil || string(text) != "untouched\n" {
		t.Errorf("written to the fake: %q, %v", text, err)
	}
}

// Where no private procfs is granted, the caller's is taken, but nothing that
// is mounted in it.
func TestSysctlInCoveredProc(t *testing.T) {
	b := userBundle(t, "cat /proc/sys/net/ipv4/ip_forward")
	b.Spec.Mounts[0] = mount("bind", "/proc", "/proc", "rbind")
	b.Spec.Linux.MaskedPaths, b.Spec.Linux.ReadonlyPaths = nil, nil
	b.Spec.Linux.Namespaces = slices.DeleteFunc(b.Spec.Linux.Namespaces, func(n oci.LinuxNamespace) bool { return n.Type == oci.PIDNamespace })
	b.Spec.Linux.Sysctl = map[string]string{"net.ipv4.ip_forward": "1"}
	if out := onHostOutput(t, b, "exec $run"); out != "1\n" {
		t.Errorf("got %q", out)
	}
	r := onHost(t, b, "mount -t tmpfs fake /proc/sys/net; mkdir /proc/sys/net/ipv4; echo untouched > /proc/sys/net/ipv4/ip_forward; chmod 666 /proc/sys/net/ipv4/ip_forward; $run; cat /proc/sys/net/ipv4/ip_forward")
	if r.Code == 0 || !strings.Contains(r.Stderr, "linux.sysctl.net.ipv4.ip_forward") || !strings.Contains(r.Stderr, "invalid cross-device link") {
		t.Errorf("%+v", r)
	}
}

func TestSysctlRefused(t *testing.T) {
	kegtest.NeedRoot(t)
	for key, parts := range map[string][]string{
		"kernel.panic":          {"linux.sysctl", "kernel.panic", "namespace"},
		"net.ipv4.no_such_key":  {"linux.sysctl", "net.ipv4.no_such_key", "no such file or directory"},
		"net.ipv4.../x":         {"linux.sysctl"},
		"kernel.core_pattern":   {"linux.sysctl", "kernel.core_pattern"},
		"net.ipv4.ip_forward.x": {"linux.sysctl", "not a directory"},
	} {
		b := bundle(t, "true")
		b.Spec.Linux.Sysctl = map[string]string{key: "1"}
		wantRefused(t, b, parts...)
	}
	b := bundle(t, "true")
	b.Spec.Linux.Sysctl = map[string]string{"net.ipv4.ip_forward": "much"}
	wantRefused(t, b, "linux.sysctl.net.ipv4.ip_forward", "invalid argument")
}

func TestNames(t *testing.T) {
	b := bundle(t, "hostname; cat /proc/sys/kernel/domainname")
	b.Spec.Hostname, b.Spec.Domainname = "a-host", "a.domain"
	before, _ := os.Hostname()
	wantOutput(t, b, "a-host\na.domain\n")
	if after, _ := os.Hostname(); after != before {
		t.Errorf("the host is called %s now", after)
	}
}

func TestLoopback(t *testing.T) {
	const script = "ip -o addr show lo | grep -c 'inet 127.0.0.1/8'; ip link show lo | grep -c ',UP'"
	b := bundle(t, script)
	if os.Geteuid() != 0 {
		b.Spec.Linux.Namespaces = append(b.Spec.Linux.Namespaces, oci.LinuxNamespace{Type: oci.NetworkNamespace})
	}
	wantOutput(t, b, "1\n1\n")
}
