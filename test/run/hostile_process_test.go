package run

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// A container that another joins, as exec and pods do, and whose root has all
// rights in its user namespace, can look at nothing of the process that joins:
// neither its descriptors nor its root, which are still the host's
// (CVE-2016-9962).
func TestJoinedInitCannotBeTraced(t *testing.T) {
	kegtest.NeedRoot(t)
	hostile := userBundle(t, kegtest.Spy)
	hostile.Privileged()
	must(t, os.Chmod(filepath.Join(hostile.Dir, "rootfs/data"), 0o777))
	hostile.Spec.Linux.MaskedPaths, hostile.Spec.Linux.ReadonlyPaths = nil, nil
	pid := detached(t, hostile)

	b := bundle(t, "true")
	b.Spec.Linux.Namespaces = []oci.LinuxNamespace{{Type: oci.MountNamespace}, {Type: oci.IPCNamespace}}
	b.Spec.Hostname = ""
	b.Spec.Mounts = b.Spec.Mounts[:1]
	for _, kind := range []oci.LinuxNamespaceType{oci.UserNamespace, oci.PIDNamespace} {
		join(b, kind, "/proc/"+pid+"/ns/"+nsFile[kind])
	}
	must(t, os.Chown(b.Dir+"/rootfs", subordinate, subordinate))
	must(t, os.Chown(b.Dir+"/rootfs/dev", subordinate, subordinate))
	t.Cleanup(func() { b.Keg("delete", "-f", b.ID()) })
	r := stalled(t, b, []string{"create"}, nil, func(string) { time.Sleep(300 * time.Millisecond) })
	if r.Code != 0 {
		t.Errorf("exit status %d: %s", r.Code, r.Stderr)
	}
	if found := hostile.SpyFound(); found != "" {
		t.Errorf("the init that joins can be looked at:\n%.2000s", found)
	}
}

// Of what keg's caller had open, nothing is left in the init by the time that
// it has entered the container's namespaces and root (CVE-2016-9962,
// CVE-2024-21626).
func TestInitHoldsNoStrays(t *testing.T) {
	kegtest.NeedRoot(t) // nobody else sees its descriptors
	b := bundle(t, "true")
	host, err := os.Open("/")
	must(t, err)
	defer host.Close()
	extra := make([]*os.File, 38) // of which only the last is open: 40
	extra[37] = host
	stalled(t, b, []string{"run"}, extra, func(pid string) {
		if held := descriptorsOf(pid); !strings.HasPrefix(held, "3 socket:") || strings.Contains(held, "40 ") {
			t.Errorf("the init holds %s", held)
		}
	})
}

// The working directory becomes a link to a descriptor of the host's after keg
// has looked at it (CVE-2024-21626).
func TestWorkingDirectorySwapped(t *testing.T) {
	tree := canary(t)
	must(t, os.Chmod(tree.path("c"), 0o755)) // the container's user may enter it
	volume := newHostTree(t, "mkdir cwd; ln -s /proc/self/fd/3 evil")
	outside, err := os.Open(tree.path("c"))
	must(t, err)
	defer outside.Close()
	b := bundle(t, "cat f; pwd", bind(string(volume), "/v"))
	b.Spec.Process.Cwd = "/v/cwd"
	r := stalled(t, b, []string{"run", "--preserve-fds", "1"}, []*os.File{outside}, func(string) {
		exchange(volume.path("cwd"), volume.path("evil"))
	})
	if r.Code == 0 || strings.Contains(r.Stdout, "alive") || !strings.Contains(r.Stderr, "process.cwd: enter /v/cwd as the final user, inside the root") {
		t.Errorf("the container starts outside of its root: exit status %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
}

// An image whose program is a link to whatever runs it, or a script for that,
// gets at most the interpreter, which cannot be written to (CVE-2019-5736).
func TestProgramIsTheInterpreter(t *testing.T) {
	keg := read(t, kegtest.Keg(t))
	for _, script := range []string{"ln -s /proc/self/exe data/evil", `printf '#!/proc/self/exe\n' > data/evil; chmod 755 data/evil`} {
		b := bundle(t, "")
		b.Spec.Process.Args = []string{"/data/evil"}
		b.Privileged()
		inImage(t, b, script)
		if r := b.Run(); r.Code == 0 {
			t.Errorf("%s: it ran: %s", script, r.Stdout)
		}
	}
	if read(t, kegtest.Keg(t)) != keg {
		t.Error("keg's own file was changed")
	}
}

// Ambient capabilities are those of the configuration, also where the init had
// all of them, and inheritable ones are left that could make them so again
// (CVE-2022-24769).
func TestAmbientInUserNamespace(t *testing.T) {
	kegtest.NeedRoot(t)
	b := userBundle(t, "")
	one := []string{"CAP_CHOWN"}
	b.Spec.Process.Capabilities = &oci.LinuxCapabilities{Bounding: one, Permitted: one, Inheritable: one}
	expectStatus(t, status(t, b), map[string]string{"CapInh": chown, "CapBnd": chown, "CapAmb": noCaps})
}

// What keg writes to procfs goes to a procfs, whatever lies at /proc: the
// caller's own is taken where no private one is granted (CVE-2025-52881).
func TestSysctlInFakeCallersProc(t *testing.T) {
	kegtest.NeedRoot(t)
	b := userBundle(t, "true")
	b.Spec.Mounts[0] = mount("bind", "/proc", "/proc", "rbind")
	b.Spec.Linux.MaskedPaths, b.Spec.Linux.ReadonlyPaths = nil, nil
	b.Spec.Linux.Namespaces = nil
	newNamespace(t, b, oci.MountNamespace)
	newNamespace(t, b, oci.UserNamespace)
	newNamespace(t, b, oci.NetworkNamespace)
	b.Spec.Mounts, b.Spec.Hostname = nil, ""
	b.Spec.Linux.Sysctl = map[string]string{"net.ipv4.ip_forward": "1"}
	// keg itself finds its files through links, whatever the next pids are: others
	// take thousands meanwhile.
	r := onHost(t, b, `mkdir $B/real $B/fake; mount --rbind /proc $B/real; mount -t tmpfs fake $B/fake
python3 -c 'import os, sys
real, fake = sys.argv[1:]
names = {name for name in os.listdir(real) if not name.isdigit() and name != "sys"}
names |= {str(n) for first in (1, os.getpid()) for n in range(first, first + 40000)}
for name in names: os.symlink(real + "/" + name, fake + "/" + name)' $B/real $B/fake
mkdir -p $B/fake/sys/net/ipv4; echo untouched > $B/fake/sys/net/ipv4/ip_forward; chmod 666 $B/fake/sys/net/ipv4/ip_forward
for d in $B/real/sys/*; do n=${d##*/}; [ $n = net ] || ln -s $d $B/fake/sys/$n; done
mount --bind $B/fake /proc
$run || true; cat /proc/sys/net/ipv4/ip_forward`)
	if r.Stdout != "untouched\n" || !strings.Contains(r.Stderr, "what was opened is not what was asked for") {
		t.Errorf("written to what is no procfs: %q\n%s", r.Stdout, r.Stderr)
	}
}
