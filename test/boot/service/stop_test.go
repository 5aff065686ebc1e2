package service

import (
	"os/exec"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// hanging is a hook that does not end, with a child that its end does not end.
func hanging(seconds, file string) []oci.Hook {
	return []oci.Hook{{Path: "/bin/sh", Args: []string{"sh", "-c", "sleep " + seconds + " & echo up >> " + file + "; wait; true"}}}
}

// A launch that hangs, hooks that clear up and hang, and an init that has left
// the cgroups of its container: each is stopped, as is the supervisor.
func TestServicesStopWhatHangs(t *testing.T) {
	w := newWorld(t)
	soon := map[string]string{"grace": "100ms"}
	hook := func(s *oci.Spec) { s.Hooks = &oci.Hooks{CreateRuntime: hanging("4741", w.path("data/hook"))} }
	w.bundle("hook", "true", soon, hook)
	w.bundle("late", "true", soon, hook)
	w.bundle("clears", "exec sleep 4742", soon, func(s *oci.Spec) {
		s.Hooks = &oci.Hooks{Poststop: hanging("4743", w.path("data/clears"))}
	})
	w.bundle("leaves", "cd /sys/fs/cgroup; d=$(ls -d */); [ ! -e cgroup.controllers ] || d=.; for d in $d; do echo 0 >$d/cgroup.procs; done; echo up >/data/leaves; exec sleep 4744", soon, func(s *oci.Spec) {
		s.Mounts = append(s.Mounts, oci.Mount{Destination: "/sys/fs/cgroup", Source: "/sys/fs/cgroup", Type: "bind", Options: []string{"rbind"}})
	})
	w.start()
	w.eventually("all are up", func() bool { return len(w.lines("hook")) == 2 && len(w.lines("leaves")) == 1 })
	w.becomes("clears", "running")
	if s := w.status("hook"); s.State != "starting" {
		t.Errorf("%+v", s)
	}
	w.ask("stop", w.id("hook"), w.id("clears"), w.id("leaves"))
	for name, signal := range map[string]string{"hook": "", "clears": "SIGKILL", "leaves": "SIGKILL"} {
		if s := w.status(name); s.State != "stopped" || s.Pid != 0 || s.Last == nil || s.Last.Signal != signal {
			t.Errorf("%s: %+v, %+v", name, s, s.Last)
		}
	}
	if s := w.status("hook"); s.Last == nil || !strings.Contains(s.Last.Error, "create: hooks.createRuntime[0]: /bin/sh: ended, as signal 15") {
		t.Errorf("%+v", s.Last)
	}
	w.terminate()
	w.eventually("nothing is left", func() bool {
		return exec.Command("pgrep", "-fx", "sleep 474[1-4]").Run() != nil && kegtest.Command(t, "", "--root", w.path("state"), "list", "-q").Stdout == ""
	})
}
