package cri

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials/insecure"
	cri "k8s.io/cri-api/pkg/apis/runtime/v1"

	"github.com/keg-project/keg/test/engines"
	"github.com/keg-project/keg/test/kegtest"
)

// node is what a kubelet has on its machine: containerd, in a network and a mount
// namespace of its own, and images.
type node struct {
	cri.RuntimeServiceClient
	images cri.ImageServiceClient

	dir    string
	space  engines.Namespaces
	daemon *exec.Cmd
	made   atomic.Int64 // pods
}

// handler is the name that a RuntimeClass would give.
const handler = "tested"

const config = `version = 2
root = "{{dir}}/root"
state = "{{dir}}/state"
disabled_plugins = [
	"io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
	"io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs",
]
[grpc]
address = "{{dir}}/containerd.sock"
[plugins."io.containerd.internal.v1.opt"]
path = "{{dir}}/opt"
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "` + pauseImage + `"
restrict_oom_score_adj = true
disable_tcp_service = true
stream_server_address = "127.0.0.1"
stream_server_port = "0"
netns_mounts_under_state_dir = true
stats_collect_period = 1
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "/usr/lib/cni"
conf_dir = "{{dir}}/cni"
[plugins."io.containerd.grpc.v1.cri".containerd]
default_runtime_name = "` + handler + `"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.` + handler + `]
runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.` + handler + `.options]
BinaryName = "{{runtime}}"
Root = "{{dir}}/runtime"
SystemdCgroup = {{systemd}}
`

const network = `{
	"cniVersion": "0.4.0",
	"name": "pods",
	"plugins": [
		{
			"type": "bridge", "bridge": "cni0", "isGateway": true, "hairpinMode": true,
			"ipam": {"type": "host-local", "ranges": [[{"subnet": "10.88.0.0/16"}]], "routes": [{"dst": "0.0.0.0/0"}]}
		},
		{"type": "portmap", "capabilities": {"portMappings": true}}
	]
}
`

// start brings up a node, whose runtime is this one, with its images.
func start(t testing.TB, r engines.Runtime) *node {
	n := &node{dir: kegtest.TempDir(t)}
	n.space = engines.Hold(t, syscall.CLONE_NEWNS|syscall.CLONE_NEWNET, spaceScript, n.dir)
	text := strings.NewReplacer("{{dir}}", n.dir, "{{runtime}}", r.Path, "{{systemd}}", fmt.Sprint(systemd())).Replace(config)
	n.write(t, "config.toml", text)
	n.write(t, "cni/10-pods.conflist", network)
	before := n.mounts(t)
	n.startDaemon(t)
	t.Cleanup(func() { n.end(t) })
	n.connect(t)
	n.importImages(t)
	t.Cleanup(func() { n.nothingLeft(t, before) })
	return n
}

func (n *node) write(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(n.dir, name)
	must(t, os.MkdirAll(filepath.Dir(path), 0o755))
	must(t, os.WriteFile(path, []byte(text), 0o644))
	return path
}

// startDaemon starts containerd, or starts it anew.
func (n *node) startDaemon(t testing.TB) {
	t.Helper()
	log, err := os.OpenFile(filepath.Join(n.dir, "containerd.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	must(t, err)
	defer log.Close()
	n.daemon = n.space.Within("containerd", "--config", filepath.Join(n.dir, "config.toml"))
	n.daemon.Stdout, n.daemon.Stderr = log, log
	must(t, n.daemon.Start())
}

// stopDaemon ends containerd by a signal; its pods do not notice.
func (n *node) stopDaemon(t testing.TB, s syscall.Signal) {
	t.Helper()
	must(t, n.daemon.Process.Signal(s))
	timer := time.AfterFunc(patience(), func() { n.daemon.Process.Kill() })
	defer timer.Stop()
	n.daemon.Wait()
}

func (n *node) end(t testing.TB) {
	n.stopDaemon(t, syscall.SIGTERM)
	if t.Failed() {
		text, _ := os.ReadFile(filepath.Join(n.dir, "containerd.log"))
		t.Logf("containerd said:\n%s", text[max(0, len(text)-20000):])
	}
}

// connect waits until the plugin answers and its network is there.
func (n *node) connect(t testing.TB) {
	t.Helper()
	limit := func(ctx context.Context, method string, request, reply any, c *grpc.ClientConn, invoke grpc.UnaryInvoker, o ...grpc.CallOption) error {
		ctx, cancel := context.WithTimeout(ctx, patience())
		defer cancel()
		return invoke(ctx, method, request, reply, c, o...)
	}
	wait := backoff.Config{BaseDelay: 20 * time.Millisecond, Multiplier: 1, MaxDelay: 100 * time.Millisecond}
	c, err := grpc.NewClient("unix://"+filepath.Join(n.dir, "containerd.sock"),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithConnectParams(grpc.ConnectParams{Backoff: wait, MinConnectTimeout: time.Minute}),
		grpc.WithUnaryInterceptor(limit),
		grpc.WithDefaultCallOptions(grpc.WaitForReady(true)))
	must(t, err)
	t.Cleanup(func() { c.Close() })
	n.RuntimeServiceClient, n.images = cri.NewRuntimeServiceClient(c), cri.NewImageServiceClient(c)
	n.ready(t)
}

// ready waits as a kubelet does before it trusts a runtime with pods.
func (n *node) ready(t testing.TB) {
	t.Helper()
	eventually(t, "ready", func() (any, bool) {
		s, err := n.Status(bg, &cri.StatusRequest{})
		if err != nil {
			return err, false
		}
		ready := 0
		for _, c := range s.Status.Conditions {
			if c.Status && (c.Type == cri.RuntimeReady || c.Type == cri.NetworkReady) {
				ready++
			}
		}
		return s.Status, ready == 2
	})
}

// version is containerd's, with the distribution's name for it.
func version(t testing.TB) string {
	t.Helper()
	out, err := exec.Command("containerd", "--version").Output()
	must(t, err)
	fields := strings.Fields(string(out))
	return "containerd " + fields[2]
}
