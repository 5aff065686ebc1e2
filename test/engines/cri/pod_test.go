package cri

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// pod is a pod's sandbox, as a kubelet knows it.
type pod struct {
	node   *node
	id     string
	config *cri.PodSandboxConfig
	made   int // containers
}

// describePod is the description that a kubelet gives of a pod without wishes.
func (n *node) describePod() *cri.PodSandboxConfig {
	name := fmt.Sprintf("pod%d", n.made.Add(1))
	return &cri.PodSandboxConfig{
		Metadata:     &cri.PodSandboxMetadata{Name: name, Uid: "uid-" + name, Namespace: "default"},
		Hostname:     name,
		LogDirectory: filepath.Join(n.dir, "pods", name),
		DnsConfig:    &cri.DNSConfig{Servers: []string{"10.96.0.10"}},
		Labels:       map[string]string{"io.kubernetes.pod.name": name, "io.kubernetes.pod.namespace": "default"},
		Annotations:  map[string]string{"kubernetes.io/config.source": "api"},
		Linux: &cri.LinuxPodSandboxConfig{
			CgroupParent: n.podCgroup(name),
			SecurityContext: &cri.LinuxSandboxSecurityContext{
				NamespaceOptions: &cri.NamespaceOption{Pid: cri.NamespaceMode_CONTAINER},
				Seccomp:          &cri.SecurityProfile{ProfileType: cri.SecurityProfile_RuntimeDefault},
			},
		},
	}
}

// runPod makes a pod's cgroup and the pod.
func (n *node) runPod(config *cri.PodSandboxConfig) (*pod, error) {
	if err := makeCgroup(config.Linux.CgroupParent); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(config.LogDirectory, 0o755); err != nil {
		return nil, err
	}
	answer, err := n.RunPodSandbox(bg, &cri.RunPodSandboxRequest{Config: config, RuntimeHandler: handler})
	if err != nil {
		return nil, err
	}
	return &pod{node: n, id: answer.PodSandboxId, config: config}, nil
}

// end stops and removes a pod with all that is in it, and then its cgroup.
func (p *pod) end() error {
	_, err := p.node.StopPodSandbox(bg, &cri.StopPodSandboxRequest{PodSandboxId: p.id})
	if err != nil && status.Code(err) != codes.NotFound { // it may have ended before
		return err
	}
	if _, err := p.node.RemovePodSandbox(bg, &cri.RemovePodSandboxRequest{PodSandboxId: p.id}); err != nil {
		return err
	}
	return removeCgroup(p.config.Linux.CgroupParent)
}

// pod runs a pod that ends with the scenario.
func (n *node) pod(t testing.TB, wishes ...func(*cri.PodSandboxConfig)) *pod {
	t.Helper()
	config := n.describePod()
	for _, wish := range wishes {
		wish(config)
	}
	p, err := n.runPod(config)
	if err != nil {
		removeCgroup(config.Linux.CgroupParent)
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.end(); err != nil {
			t.Errorf("the end of pod %s: %v", p.config.Metadata.Name, err)
		}
	})
	return p
}

// namespaced is the wish for how a pod is cut off.
func namespaced(o *cri.NamespaceOption) func(*cri.PodSandboxConfig) {
	return func(c *cri.PodSandboxConfig) { c.Linux.SecurityContext.NamespaceOptions = o }
}

func (p *pod) status(t testing.TB) *cri.PodSandboxStatus {
	t.Helper()
	s, err := p.node.PodSandboxStatus(bg, &cri.PodSandboxStatusRequest{PodSandboxId: p.id})
	must(t, err)
	return s.Status
}

func (p *pod) ready(t testing.TB) bool {
	t.Helper()
	return p.status(t).State == cri.PodSandboxState_SANDBOX_READY
}

func (p *pod) address(t testing.TB) string {
	t.Helper()
	s := p.status(t)
	if s.Network == nil || s.Network.Ip == "" {
		t.Fatalf("a pod without an address: %v", s)
	}
	return s.Network.Ip
}

// removeAllPods is for those of scenarios that failed.
func (n *node) removeAllPods(t testing.TB) {
	t.Helper()
	all, err := n.ListPodSandbox(bg, &cri.ListPodSandboxRequest{})
	must(t, err)
	for _, s := range all.Items {
		t.Errorf("pod %s is left", s.Metadata.Name)
		n.StopPodSandbox(bg, &cri.StopPodSandboxRequest{PodSandboxId: s.Id})
		n.RemovePodSandbox(bg, &cri.RemovePodSandboxRequest{PodSandboxId: s.Id})
	}
}
