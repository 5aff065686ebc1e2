package cri

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// container is one of a pod's.
type container struct {
	pod    *pod
	id     string
	config *cri.ContainerConfig
}

// What a kubelet masks and makes read-only in every container that is not privileged.
var (
	masked = []string{
		"/proc/asound", "/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
		"/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware", "/sys/devices/virtual/powercap",
	}
	readonly = []string{"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"}
)

// wish is something that a pod's manifest says of a container.
type wish func(*cri.ContainerConfig)

func (p *pod) describe(command ...string) *cri.ContainerConfig {
	p.made++
	name := fmt.Sprintf("container%d", p.made)
	return &cri.ContainerConfig{
		Metadata: &cri.ContainerMetadata{Name: name},
		Image:    &cri.ImageSpec{Image: image},
		Command:  command,
		LogPath:  name + "/0.log",
		Labels:   map[string]string{"io.kubernetes.container.name": name},
		Linux: &cri.LinuxContainerConfig{
			Resources: &cri.LinuxContainerResources{CpuShares: 2, OomScoreAdj: 1000},
			SecurityContext: &cri.LinuxContainerSecurityContext{
				NamespaceOptions: p.config.Linux.SecurityContext.NamespaceOptions,
				MaskedPaths:      masked,
				ReadonlyPaths:    readonly,
			},
		},
	}
}

func (p *pod) create(config *cri.ContainerConfig) (*container, error) {
	log := filepath.Join(p.config.LogDirectory, config.LogPath)
	if err := os.MkdirAll(filepath.Dir(log), 0o755); err != nil {
		return nil, err
	}
	answer, err := p.node.CreateContainer(bg, &cri.CreateContainerRequest{PodSandboxId: p.id, Config: config, SandboxConfig: p.config})
	if err != nil {
		return nil, err
	}
	return &container{pod: p, id: answer.ContainerId, config: config}, nil
}

func (c *container) start() error {
	_, err := c.pod.node.StartContainer(bg, &cri.StartContainerRequest{ContainerId: c.id})
	return err
}

// run creates a container and starts it; it goes with its pod.
func (p *pod) run(t testing.TB, command []string, wishes ...wish) *container {
	t.Helper()
	config := p.describe(command...)
	for _, w := range wishes {
		w(config)
	}
	c, err := p.create(config)
	must(t, err)
	must(t, c.start())
	return c
}

// idle runs a container that does nothing until it is killed.
func (p *pod) idle(t testing.TB, wishes ...wish) *container {
	t.Helper()
	return p.run(t, []string{"sleep", "1000000"}, wishes...)
}

// script is a shell's.
func script(text string) []string { return []string{"sh", "-c", text} }

func (c *container) status(t testing.TB) *cri.ContainerStatus {
	t.Helper()
	s, err := c.pod.node.ContainerStatus(bg, &cri.ContainerStatusRequest{ContainerId: c.id})
	must(t, err)
	return s.Status
}

// ended waits for a container's end.
func (c *container) ended(t testing.TB) *cri.ContainerStatus {
	t.Helper()
	var s *cri.ContainerStatus
	eventually(t, "the container's end", func() (any, bool) {
		s = c.status(t)
		return s, s.State == cri.ContainerState_CONTAINER_EXITED
	})
	return s
}

func (c *container) stop(t testing.TB, grace int64) {
	t.Helper()
	_, err := c.pod.node.StopContainer(bg, &cri.StopContainerRequest{ContainerId: c.id, Timeout: grace})
	must(t, err)
}

func (c *container) remove(t testing.TB) {
	t.Helper()
	_, err := c.pod.node.RemoveContainer(bg, &cri.RemoveContainerRequest{ContainerId: c.id})
	must(t, err)
}

// probe is an exec probe: what it printed and its exit code, or why there is none.
func (c *container) probe(timeout int64, command ...string) (*cri.ExecSyncResponse, error) {
	return c.pod.node.ExecSync(bg, &cri.ExecSyncRequest{ContainerId: c.id, Cmd: command, Timeout: timeout})
}

// output is what a script in the container prints; it must succeed.
func (c *container) output(t testing.TB, text string) string {
	t.Helper()
	r, err := c.probe(60, script(text)...)
	must(t, err)
	if r.ExitCode != 0 {
		t.Fatalf("%s: exit code %d: %s%s", text, r.ExitCode, r.Stdout, r.Stderr)
	}
	return strings.TrimSpace(string(r.Stdout))
}

// fails is what a script complains of that must fail.
func (c *container) fails(t testing.TB, text string) string {
	t.Helper()
	r, err := c.probe(60, script(text)...)
	must(t, err)
	if r.ExitCode == 0 {
		t.Fatalf("%s: succeeds: %s", text, r.Stdout)
	}
	return strings.TrimSpace(string(r.Stderr))
}

// same compares what scripts print with what they must: alternately.
func (c *container) prints(t testing.TB, scriptsAndOutputs ...string) {
	t.Helper()
	for i := 0; i < len(scriptsAndOutputs); i += 2 {
		text, want := scriptsAndOutputs[i], scriptsAndOutputs[i+1]
		if got := c.output(t, text); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}
