package cri

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/test/engines"
)

// spaceScript makes of new namespaces a machine of their own: what containerd, its
// shims and network plugins keep in /run and /var/lib ends with them.
const spaceScript = `cd "$0"
` + engines.OwnRun + `ip link set lo up
mkdir shared
mount -t tmpfs lib /var/lib
mount -t tmpfs shared shared
mount --make-shared shared
`

// proc is a file of the process in the node's namespaces.
func (n *node) proc(name string) string {
	return filepath.Join("/proc", n.space.PID(), name)
}

// say runs a command on the node.
func (n *node) say(t testing.TB, args ...string) string {
	t.Helper()
	out, err := n.space.Within(args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v: %s", args, err, out)
	}
	return string(out)
}

// mounts are the mount points of the node's namespace.
func (n *node) mounts(t testing.TB) []string {
	t.Helper()
	text, err := os.ReadFile(n.proc("mountinfo"))
	must(t, err)
	var points []string
	for line := range strings.Lines(string(text)) {
		points = append(points, strings.Fields(line)[4])
	}
	slices.Sort(points)
	return points
}

// dial connects from the node's network.
func (n *node) dial(address string) (net.Conn, error) {
	type answer struct {
		conn net.Conn
		err  error
	}
	answers := make(chan answer)
	go func() {
		// Never unlocked: the thread, which is in another network now, ends with this function.
		runtime.LockOSThread()
		err := n.enterNetwork()
		var conn net.Conn
		if err == nil {
			conn, err = net.Dial("tcp", address)
		}
		answers <- answer{conn, err}
	}()
	a := <-answers
	return a.conn, a.err
}

func (n *node) enterNetwork() error {
	f, err := os.Open(n.proc("ns/net"))
	if err != nil {
		return err
	}
	defer f.Close()
	return linux.Setns(f, linux.CLONE_NEWNET)
}

// nothingLeft ends what scenarios that failed have left, and then sees that of all
// the pods nothing is there any more.
func (n *node) nothingLeft(t testing.TB, mounts []string) {
	n.removeAllPods(t)
	eventually(t, "nothing left of pods", func() (any, bool) {
		left := n.left(mounts, n.mounts(t))
		return strings.Join(left, "\n"), len(left) == 0
	})
}

func (n *node) left(before, after []string) []string {
	var left []string
	for _, m := range after {
		// The daemon's own: where it keeps open what snapshots are made of.
		if !slices.Contains(before, m) {
			left = append(left, "mount "+m)
		}
	}
	for _, pattern := range []string{
		filepath.Join(n.dir, "runtime/*/*"),                             // the runtime's state
		filepath.Join(n.dir, "state/io.containerd.runtime.v2.task/*/*"), // bundles
		filepath.Join(n.dir, "state/io.containerd.grpc.v1.cri/*/*"),     // of pods and containers
		filepath.Join(n.dir, "root/io.containerd.grpc.v1.cri/[cs]*/*"),  // likewise
		n.proc("root/run/containerd/s/*"),                               // shims' sockets
		n.proc("root/var/lib/cni/networks/pods/*.*.*.*"),                // addresses
		n.proc("root/var/lib/cni/results/*"),                            // networks of pods
	} {
		found, err := filepath.Glob(pattern)
		for _, f := range found {
			left = append(left, "file "+f)
		}
		if err != nil {
			left = append(left, err.Error())
		}
	}
	left = append(left, n.shims()...)
	if links, err := n.space.Within("ip", "-o", "link", "show", "type", "veth").CombinedOutput(); err != nil || len(links) > 0 {
		left = append(left, fmt.Sprintf("links %s %v", links, err))
	}
	return left
}

// shims are the processes that serve pods of this node: they are in its namespace.
func (n *node) shims() []string {
	own, _ := os.Readlink(n.proc("ns/mnt"))
	all, _ := filepath.Glob("/proc/[0-9]*/ns/mnt")
	var found []string
	for _, f := range all {
		space, _ := os.Readlink(f)
		name, _ := os.ReadFile(filepath.Join(filepath.Dir(filepath.Dir(f)), "comm"))
		if space == own && strings.HasPrefix(string(name), "containerd-shim") {
			found = append(found, "process "+strings.Split(f, "/")[2]+" "+strings.TrimSpace(string(name)))
		}
	}
	return found
}
