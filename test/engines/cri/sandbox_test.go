package cri

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

var sandboxes = []scenario{
	{Name: "RunPodSandbox, its status and address, listed by label", Run: sandbox},
	{Name: "hostname, DNS configuration and sysctls of a pod", Run: configured},
	{Name: "the pod's cgroup holds the cgroups of its containers", Run: withinPodCgroup},
	{Name: "an unknown runtime handler is refused", Run: unknownHandler},
	{Name: "StopPodSandbox and RemovePodSandbox end all, and may be repeated", Run: sandboxEnds},
	{Name: "a pod whose pause process died is not ready, and is made anew", Run: pauseDies},
}

func sandbox(t testing.TB, n *node) {
	p := n.pod(t, func(c *cri.PodSandboxConfig) { c.Labels["app"] = "web" })
	n.pod(t)
	s := p.status(t)
	if s.State != cri.PodSandboxState_SANDBOX_READY || !strings.HasPrefix(s.Network.GetIp(), "10.88.") ||
		s.Annotations["kubernetes.io/config.source"] != "api" || s.RuntimeHandler != handler {
		t.Errorf("%v", s)
	}
	all, err := n.ListPodSandbox(bg, &cri.ListPodSandboxRequest{Filter: &cri.PodSandboxFilter{LabelSelector: map[string]string{"app": "web"}}})
	must(t, err)
	if len(all.Items) != 1 || all.Items[0].Id != p.id || all.Items[0].Labels["app"] != "web" {
		t.Errorf("listed: %v", all.Items)
	}
}

func configured(t testing.TB, n *node) {
	const sysctl = "/proc/sys/kernel/shm_rmid_forced"
	before, err := os.ReadFile(sysctl)
	must(t, err)
	p := n.pod(t, func(c *cri.PodSandboxConfig) {
		c.Hostname = "web-0"
		c.DnsConfig = &cri.DNSConfig{Servers: []string{"10.96.0.10"}, Searches: []string{"default.svc.cluster.local"}, Options: []string{"ndots:5"}}
		c.Linux.Sysctls = map[string]string{"kernel.shm_rmid_forced": "1", "net.ipv4.ip_unprivileged_port_start": "80"}
	})
	p.idle(t).prints(t,
		"hostname", "web-0",
		"echo $HOSTNAME", "web-0",
		"cat /etc/hostname", "web-0",
		"cat /etc/resolv.conf", "search default.svc.cluster.local\nnameserver 10.96.0.10\noptions ndots:5",
		"cat "+sysctl, "1",
		"cat /proc/sys/net/ipv4/ip_unprivileged_port_start", "80",
	)
	if after, _ := os.ReadFile(sysctl); string(after) != string(before) {
		t.Errorf("the node's %s was %q, is %q", sysctl, before, after)
	}
}

func withinPodCgroup(t testing.TB, n *node) {
	p := n.pod(t)
	c := p.idle(t)
	for _, id := range []string{p.id, c.id} {
		for _, controller := range []string{"memory", "cpu", "pids", "systemd"} {
			if procs := readCgroup(t, p.config.Linux.CgroupParent, id, controller, "cgroup.procs", "cgroup.procs"); len(strings.Fields(procs)) != 1 {
				t.Errorf("%s of %s: %q", controller, id, procs)
			}
		}
	}
}

func unknownHandler(t testing.TB, n *node) {
	config := n.describePod()
	_, err := n.RunPodSandbox(bg, &cri.RunPodSandboxRequest{Config: config, RuntimeHandler: "gone"})
	if err == nil || !strings.Contains(err.Error(), `no runtime for "gone" is configured`) {
		t.Error(err)
	}
}

func sandboxEnds(t testing.TB, n *node) {
	p := n.pod(t)
	c := p.run(t, script("trap '' TERM; while :; do sleep 1000; done"))
	for range 2 {
		_, err := n.StopPodSandbox(bg, &cri.StopPodSandboxRequest{PodSandboxId: p.id})
		must(t, err)
	}
	if s := c.status(t); s.State != cri.ContainerState_CONTAINER_EXITED || s.ExitCode != 137 || p.ready(t) {
		t.Errorf("container: %v; pod: %v", s, p.status(t))
	}
	if p.status(t).Network.GetIp() != "" {
		t.Errorf("network of a stopped pod: %v", p.status(t).Network)
	}
	for range 2 {
		_, err := n.RemovePodSandbox(bg, &cri.RemovePodSandboxRequest{PodSandboxId: p.id})
		must(t, err)
	}
	left, _ := filepath.Glob(n.dir + "/runtime/*/*")
	containers, err := n.ListContainers(bg, &cri.ListContainersRequest{Filter: &cri.ContainerFilter{PodSandboxId: p.id}})
	must(t, err)
	if len(left)+len(containers.Containers) > 0 {
		t.Errorf("left: %v, %v", left, containers)
	}
}

func pauseDies(t testing.TB, n *node) {
	p := n.pod(t)
	c := p.idle(t)
	must(t, kill(readCgroup(t, p.config.Linux.CgroupParent, p.id, "memory", "cgroup.procs", "cgroup.procs")))
	eventually(t, "a pod that is not ready", func() (any, bool) { return p.status(t), !p.ready(t) })
	// A kubelet stops what is left, and makes the pod's next sandbox.
	_, err := n.StopPodSandbox(bg, &cri.StopPodSandboxRequest{PodSandboxId: p.id})
	must(t, err)
	c.ended(t)
	next := n.pod(t, func(config *cri.PodSandboxConfig) {
		config.Metadata.Name, config.Metadata.Uid, config.Metadata.Attempt = p.config.Metadata.Name, p.config.Metadata.Uid, 1
	})
	next.idle(t, func(config *cri.ContainerConfig) { config.Metadata.Attempt = 1 }).prints(t, "echo again", "again")
}
