package cri

import (
	"strconv"
	"strings"
	"syscall"
	"testing"

	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

var lifecycles = []scenario{
	{Name: "a container's states, exit code and reason", Run: states},
	{Name: "StopContainer: within the grace period, and after it", Run: stopped},
	{Name: "RemoveContainer of one that runs", Run: removedRunning},
	{Name: "a container that cannot start says why", Run: cannotStart},
	{Name: "a crashed container is restarted as the next attempt", Run: crashed},
}

// kill kills a process by its number.
func kill(pid string) error {
	number, err := strconv.Atoi(pid)
	if err != nil {
		return err
	}
	return syscall.Kill(number, syscall.SIGKILL)
}

func states(t testing.TB, n *node) {
	p := n.pod(t)
	c, err := p.create(p.describe(script("exit 3")...))
	must(t, err)
	if s := c.status(t); s.State != cri.ContainerState_CONTAINER_CREATED || s.StartedAt != 0 {
		t.Errorf("created: %v", s)
	}
	must(t, c.start())
	s := c.ended(t)
	if s.ExitCode != 3 || s.Reason != "Error" || s.StartedAt < s.CreatedAt || s.FinishedAt < s.CreatedAt {
		t.Errorf("exit 3: %v", s)
	}
	if s := p.run(t, []string{"true"}).ended(t); s.ExitCode != 0 || s.Reason != "Completed" {
		t.Errorf("true: %v", s)
	}
	if s := p.run(t, script("kill -USR1 $$; sleep 1000")).status(t); s.State != cri.ContainerState_CONTAINER_RUNNING {
		t.Errorf("a signal that pid 1 does not take: %v", s)
	}
}

// patient waits until its trap is set.
func (c *container) patient(t testing.TB) *container {
	t.Helper()
	eventually(t, "a trap that is set", func() (any, bool) {
		text, err := c.log()
		return err, strings.Contains(text, "ready")
	})
	return c
}

func stopped(t testing.TB, n *node) {
	p := n.pod(t)
	c := p.run(t, script("trap 'echo bye; exit 3' TERM; echo ready; while :; do sleep 0.05; done")).patient(t)
	c.stop(t, 60)
	if s := c.status(t); s.State != cri.ContainerState_CONTAINER_EXITED || s.ExitCode != 3 {
		t.Errorf("within the grace period: %v", s)
	}
	c.logs(t, "stdout F ready", "stdout F bye")
	c.stop(t, 60)

	c = p.run(t, script("trap 'echo no' TERM; echo ready; while :; do sleep 0.05; done")).patient(t)
	c.stop(t, 1)
	if s := c.status(t); s.State != cri.ContainerState_CONTAINER_EXITED || s.ExitCode != 137 {
		t.Errorf("after it: %v", s)
	}
	c.logs(t, "stdout F ready", "stdout F no")

	c = p.idle(t)
	c.stop(t, 0)
	if s := c.status(t); s.ExitCode != 137 {
		t.Errorf("without one: %v", s)
	}
}

func removedRunning(t testing.TB, n *node) {
	p := n.pod(t)
	c := p.idle(t)
	c.remove(t)
	if _, err := n.ContainerStatus(bg, &cri.ContainerStatusRequest{ContainerId: c.id}); err == nil || !strings.Contains(err.Error(), "not found") {
		t.Errorf("status: %v", err)
	}
	c.remove(t)
	if dirs := cgroupDirs(p.config.Linux.CgroupParent); len(dirs) == 0 || !gone(dirs, c.id) {
		t.Errorf("a cgroup of %s is left below one of %v", c.id, dirs)
	}
}

func cannotStart(t testing.TB, n *node) {
	p := n.pod(t)
	for want, command := range map[string][]string{
		"executable file not found in $PATH": {"nothing-of-this-name"},
		"no such file or directory":          {"/no/such/program"},
		"permission denied":                  {"/etc/passwd"},
	} {
		c, err := p.create(p.describe(command...))
		must(t, err)
		if err := c.start(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v", command, err)
		}
		if s := c.status(t); s.State != cri.ContainerState_CONTAINER_EXITED || s.ExitCode != 128 || s.Reason != "StartError" || !strings.Contains(s.Message, want) {
			t.Errorf("%v: %v", command, s)
		}
		c.remove(t)
	}
	if _, err := p.create(p.describeImage("localhost/none:1")); err == nil || !strings.Contains(err.Error(), "not found") {
		t.Errorf("an image that is not there: %v", err)
	}
}

func (p *pod) describeImage(name string) *cri.ContainerConfig {
	c := p.describe("true")
	c.Image = &cri.ImageSpec{Image: name}
	return c
}

func crashed(t testing.TB, n *node) {
	p := n.pod(t)
	config := p.describe(script("echo attempt $ATTEMPT; test $ATTEMPT = 2 && exec sleep 1000; exit 1")...)
	var old *container
	for attempt := range 3 {
		number := strconv.Itoa(attempt)
		config.Metadata.Attempt = uint32(attempt)
		config.LogPath = config.Metadata.Name + "/" + number + ".log"
		config.Envs = []*cri.KeyValue{{Key: "ATTEMPT", Value: []byte(number)}}
		c, err := p.create(config)
		must(t, err)
		must(t, c.start())
		if old != nil {
			old.remove(t)
		}
		old = &container{pod: p, id: c.id, config: config}
		if attempt < 2 {
			if s := c.ended(t); s.ExitCode != 1 || s.Metadata.Attempt != uint32(attempt) {
				t.Errorf("attempt %d: %v", attempt, s)
			}
		}
		eventually(t, "its log", func() (any, bool) {
			text, err := c.log()
			return text, err == nil && strings.Contains(text, "stdout F attempt "+number)
		})
	}
	all, err := n.ListContainers(bg, &cri.ListContainersRequest{Filter: &cri.ContainerFilter{PodSandboxId: p.id}})
	must(t, err)
	if len(all.Containers) != 1 || all.Containers[0].State != cri.ContainerState_CONTAINER_RUNNING || all.Containers[0].Metadata.Attempt != 2 {
		t.Errorf("in the end: %v", all.Containers)
	}
}
