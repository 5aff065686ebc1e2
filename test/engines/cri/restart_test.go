package cri

import (
	"strconv"
	"strings"
	"syscall"
	"testing"

	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

var restarts = []scenario{
	{Name: "containerd killed and started anew: pods run on, and can be served", Run: daemonKilled},
}

func number(t testing.TB, text string) int {
	t.Helper()
	i, err := strconv.Atoi(strings.TrimSpace(text))
	must(t, err)
	return i
}

func daemonKilled(t testing.TB, n *node) {
	var pods []*pod
	var kept []*container
	for range 3 {
		p := n.pod(t)
		pods = append(pods, p)
		kept = append(kept, p.run(t, script("i=0; while :; do echo line $i; i=$((i+1)); sleep 0.1; done")))
	}
	ending := pods[0].run(t, script("trap 'exit 4' TERM; while :; do sleep 0.05; done"))
	begun := kept[0].output(t, "stat -c %Y /proc/1")
	pid := ending.cgroupFile(t, "pids", "cgroup.procs", "cgroup.procs")

	n.stopDaemon(t, syscall.SIGKILL)
	must(t, syscall.Kill(number(t, strings.Fields(pid)[0]), syscall.SIGTERM))
	n.startDaemon(t)
	n.ready(t)

	for i, p := range pods {
		if !p.ready(t) {
			t.Errorf("pod: %v", p.status(t))
		}
		c := kept[i]
		if s := c.status(t); s.State != cri.ContainerState_CONTAINER_RUNNING {
			t.Errorf("container: %v", s)
		}
		c.prints(t, "echo served", "served")
		before, err := c.log()
		must(t, err)
		eventually(t, "more of the log", func() (any, bool) {
			now, err := c.log()
			return err, err == nil && len(now) > len(before)
		})
	}
	if got := kept[0].output(t, "stat -c %Y /proc/1"); got != begun {
		t.Errorf("its process began at %s, and now at %s", begun, got)
	}
	if s := ending.ended(t); s.ExitCode != 4 {
		t.Errorf("ended meanwhile: %v", s)
	}
	next := pods[0].idle(t)
	next.prints(t, "echo new", "new")
	kept[1].stop(t, 0)
	if s := kept[1].status(t); s.State != cri.ContainerState_CONTAINER_EXITED {
		t.Errorf("stopped: %v", s)
	}
}
