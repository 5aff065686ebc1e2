package cri

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	cri "k8s.io/cri-api/pkg/apis/runtime/v1"

	"github.com/keg-project/keg/test/engines"
)

// TestUserNamespace is for a containerd that knows of such pods, and calls the
// runtime for them: Debian's does not (docs/untested.md). With another in PATH it
// shows keg alone, since Debian's runc has no idmapped mounts.
func TestUserNamespace(t *testing.T) {
	engines.Need(t, "containerd", "ctr", "containerd-shim-runc-v2", "ip", "nsenter", "unshare")
	if strings.HasPrefix(version(t), "containerd 1.") {
		t.Skip("containerd 1 makes no pods with user namespaces of today's kubelets")
	}
	runtimes := engines.Runtimes(t)
	n := start(t, runtimes[len(runtimes)-1])
	status, err := n.Status(bg, &cri.StatusRequest{})
	must(t, err)
	for _, h := range status.RuntimeHandlers {
		if h.Name == handler && !h.Features.GetUserNamespaces() {
			t.Errorf("containerd does not find in keg's features what it needs: %v", h)
		}
	}
	userNamespace(t, n)
}

func userNamespace(t testing.TB, n *node) {
	mapping := []*cri.IDMapping{{HostId: 700000, ContainerId: 0, Length: 65536}}
	users := &cri.UserNamespace{Mode: cri.NamespaceMode_POD, Uids: mapping, Gids: mapping}
	p := n.pod(t, namespaced(&cri.NamespaceOption{Pid: cri.NamespaceMode_CONTAINER, UsernsOptions: users}))
	data := filepath.Join(n.dir, "mapped")
	must(t, os.Mkdir(data, 0o755))
	c := p.idle(t, volume(&cri.Mount{ContainerPath: "/mapped", HostPath: data, UidMappings: mapping, GidMappings: mapping}))
	c.prints(t,
		"xargs < /proc/self/uid_map", "0 700000 65536",
		"id -u", "0",
		"stat -c %u /bin/busybox /mapped", "0\n0",
		"echo x > /mapped/file && stat -c %u:%g /mapped/file", "0:0",
		"hostname", p.config.Hostname,
		"cat /proc/sys/kernel/hostname", p.config.Hostname)
	pid := c.cgroupFile(t, "pids", "cgroup.procs", "cgroup.procs")
	if text, err := os.ReadFile("/proc/" + pid + "/status"); !strings.Contains(string(text), "\nUid:\t700000\t700000") {
		t.Errorf("its user on the node: %s, %v", text, err)
	}
	info, err := os.Stat(filepath.Join(data, "file"))
	must(t, err)
	if owner := ownerOf(info); owner != 0 {
		t.Errorf("what root wrote into its volume is %d's on the node", owner)
	}
}

func ownerOf(info os.FileInfo) uint32 { return info.Sys().(*syscall.Stat_t).Uid }
