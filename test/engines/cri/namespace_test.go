package cri

import (
	"fmt"
	"os"
	"strings"
	"testing"

	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

var namespaces = []scenario{
	{Name: "containers of a pod share network, IPC and hostname, and nothing else", Run: shared},
	{Name: "shareProcessNamespace: containers see and signal each other's processes", Run: sharedPIDs},
	{Name: "shareProcessNamespace: a container that is stopped takes its processes along", Run: sharedPIDsEnd},
	{Name: "a container in another's pid namespace (kubectl debug --target)", Run: targetPIDs},
	{Name: "hostPID and hostIPC", Run: hostNamespaces},
}

func (c *container) namespace(t testing.TB, kind string) string {
	t.Helper()
	return c.output(t, "readlink /proc/self/ns/"+kind)
}

func shared(t testing.TB, n *node) {
	p := n.pod(t)
	a, b := p.idle(t), p.idle(t)
	for kind, want := range map[string]bool{"net": true, "ipc": true, "uts": true, "pid": false, "mnt": false} {
		if one, other := a.namespace(t, kind), b.namespace(t, kind); (one == other) != want {
			t.Errorf("%s: %s and %s", kind, one, other)
		}
	}
	a.output(t, "echo ours > /dev/shm/file; echo mine > /tmp/file")
	b.prints(t, "cat /dev/shm/file", "ours", "ls /tmp", "", "ps -o pid= -o comm= | head -n 1", "1 sleep")
	p.serve(t, "local")
	b.prints(t, "wget -qO- http://127.0.0.1:8080/", "local")
}

func sharingPIDs(c *cri.PodSandboxConfig) {
	c.Linux.SecurityContext.NamespaceOptions = &cri.NamespaceOption{Pid: cri.NamespaceMode_POD}
}

func sharedPIDs(t testing.TB, n *node) {
	p := n.pod(t, sharingPIDs)
	a, b := p.run(t, []string{"sleep", "1001"}), p.idle(t)
	b.prints(t, "ps -o args= | grep -c '^sleep 1001'", "1", "ps -o pid= -o comm= | head -n 1", "1 pause")
	b.output(t, "kill -9 $(ps -o pid= -o args= | awk '/[s]leep 1001/ { print $1 }')")
	if s := a.ended(t); s.ExitCode != 137 {
		t.Errorf("%v", s)
	}
}

func sharedPIDsEnd(t testing.TB, n *node) {
	p := n.pod(t, sharingPIDs)
	a := p.run(t, script("sleep 1002 & setsid sleep 1003 & sleep 1004"))
	b := p.idle(t)
	const count = "ps -o args= | grep -c '^sleep 100[234]' || true"
	eventually(t, "three processes", func() (any, bool) { s := b.output(t, count); return s, s == "3" })
	a.stop(t, 0)
	eventually(t, "no process of the container", func() (any, bool) { s := b.output(t, count); return s, s == "0" })
}

func targetPIDs(t testing.TB, n *node) {
	p := n.pod(t)
	target := p.run(t, []string{"sleep", "1005"})
	debug := p.idle(t, func(c *cri.ContainerConfig) {
		c.Linux.SecurityContext.NamespaceOptions = &cri.NamespaceOption{Pid: cri.NamespaceMode_TARGET, TargetId: target.id}
	})
	debug.prints(t, "ps -o pid= -o args= | head -n 1 | xargs", "1 sleep 1005")
}

func hostNamespaces(t testing.TB, n *node) {
	p := n.pod(t, namespaced(&cri.NamespaceOption{Pid: cri.NamespaceMode_NODE, Ipc: cri.NamespaceMode_NODE}))
	c := p.idle(t)
	c.prints(t, fmt.Sprintf("cat /proc/%d/comm", n.daemon.Process.Pid), "containerd")
	for _, kind := range []string{"pid", "ipc"} {
		own, err := os.Readlink("/proc/self/ns/" + kind)
		must(t, err)
		if got := c.namespace(t, kind); got != own {
			t.Errorf("%s, want %s", got, own)
		}
	}
	if got := c.output(t, "ls -d /proc/[0-9]* | wc -l"); strings.TrimSpace(got) == "3" {
		t.Errorf("%s processes", got)
	}
}
