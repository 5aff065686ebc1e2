package cri

import (
	"fmt"
	"io"
	"strings"
	"testing"

	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

var networks = []scenario{
	{Name: "pods reach each other over the network plugin", Run: podToPod},
	{Name: "a host port leads into the pod", Run: hostPort},
	{Name: "a pod in the node's network", Run: hostNetwork},
	{Name: "port forwarding (kubectl port-forward)", Run: portForward},
}

// serve is a web server's container, and waits until it serves.
func (p *pod) serve(t testing.TB, page string) *container {
	t.Helper()
	c := p.run(t, script("echo "+page+" > /tmp/index.html && exec httpd -f -p 8080 -h /tmp"))
	eventually(t, "a server", func() (any, bool) {
		r, err := c.probe(60, script("wget -qO- http://127.0.0.1:8080/")...)
		return fmt.Sprint(r, err), err == nil && r.ExitCode == 0
	})
	return c
}

func podToPod(t testing.TB, n *node) {
	server, client := n.pod(t), n.pod(t)
	server.serve(t, "hello")
	c := client.idle(t)
	c.prints(t, "wget -qO- http://"+server.address(t)+":8080/", "hello")
	if said := c.fails(t, "wget -qO- http://127.0.0.1:8080/"); !strings.Contains(said, "refused") {
		t.Errorf("another's port on localhost: %s", said)
	}
}

func hostPort(t testing.TB, n *node) {
	p := n.pod(t, func(c *cri.PodSandboxConfig) {
		c.PortMappings = []*cri.PortMapping{{ContainerPort: 8080, HostPort: 18080}}
	})
	p.serve(t, "mapped")
	gateway := strings.TrimSpace(n.say(t, "sh", "-c", "ip -o -4 addr show dev cni0 | sed 's/.*inet \\([0-9.]*\\).*/\\1/'"))
	other := n.pod(t)
	other.idle(t).prints(t, "wget -qO- http://"+gateway+":18080/", "mapped")
	must(t, p.end())
	must(t, other.end())
	if rules := n.say(t, "iptables-save"); strings.Contains(rules, "18080") {
		t.Errorf("rules of a pod that is gone: %s", rules)
	}
}

func hostNetwork(t testing.TB, n *node) {
	p := n.pod(t, namespaced(&cri.NamespaceOption{Network: cri.NamespaceMode_NODE, Pid: cri.NamespaceMode_CONTAINER}),
		func(c *cri.PodSandboxConfig) { c.Hostname = "" })
	c := p.idle(t)
	c.prints(t, "hostname", strings.TrimSpace(n.say(t, "hostname")))
	n.say(t, "ip", "link", "add", "tunnel0", "type", "veth", "peer", "name", "tunnel1")
	defer n.say(t, "ip", "link", "del", "tunnel0")
	if out := c.output(t, "ip link"); !strings.Contains(out, "tunnel0") {
		t.Errorf("a link of the node is missing: %s", out)
	}
}

func portForward(t testing.TB, n *node) {
	p := n.pod(t)
	p.serve(t, "forwarded")
	answer, err := n.PortForward(bg, &cri.PortForwardRequest{PodSandboxId: p.id, Port: []int32{8080}})
	must(t, err)
	conn := n.spdy(t, answer.Url, "portforward.k8s.io")
	headers := map[string]string{"port": "8080", "requestID": "0"}
	problems := openStream(t, conn, "error", headers)
	data := openStream(t, conn, "data", headers)
	_, err = io.WriteString(data, "GET / HTTP/1.0\r\n\r\n")
	must(t, err)
	page, err := io.ReadAll(data)
	must(t, err)
	if !strings.Contains(string(page), "forwarded") {
		t.Errorf("%q", page)
	}
	must(t, problems.Close())
	must(t, data.Close())
}
