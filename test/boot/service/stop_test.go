package service

import (
	"errors"
	"os"
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
		return gone("sleep 474[1-4]") && kegtest.Command(t, "", "--root", w.path("state"), "list", "-q").Stdout == ""
	})
}

func gone(process string) bool {
	var none *exec.ExitError
	return errors.As(exec.Command("pkill", "-0", "-fx", process).Run(), &none)
}

// A service whose process has ended does not run, however long clearing up takes.
func TestServicesClearing(t *testing.T) {
	w := newWorld(t)
	w.bundle("x", "exit 5", map[string]string{"restart": "no"}, func(s *oci.Spec) {
		hook := "echo up >> " + w.path("data/clears") + "; until [ -e " + w.path("data/go") + " ]; do sleep 0.02; done"
		s.Hooks = &oci.Hooks{Poststop: []oci.Hook{{Path: "/bin/sh", Args: []string{"sh", "-c", hook}}}}
	})
	w.start()
	w.eventually("it clears up", func() bool { return len(w.lines("clears")) == 1 })
	if s := w.status("x"); s.State != "stopping" || s.Pid != 0 {
		t.Errorf("%+v", s)
	}
	w.crash() // the hook ends with it
	must(t, os.WriteFile(w.path("data/go"), nil, 0o644))
	w.start()
	if s := w.becomes("x", "failed"); s.Last == nil {
		t.Errorf("%+v", s)
	}
}

// A hook that hangs ends with the supervisor, and the next one can begin anew.
func TestServicesKilledInHook(t *testing.T) {
	w := newWorld(t)
	w.bundle("hook", "true", map[string]string{"grace": "100ms"}, func(s *oci.Spec) {
		s.Hooks = &oci.Hooks{CreateRuntime: hanging("4745", w.path("data/hook"))}
	})
	w.start()
	w.eventually("the hook hangs", func() bool { return len(w.lines("hook")) == 1 })
	w.crash()
	w.eventually("the hook has ended", func() bool { return gone("sleep 4745") })
	w.start()
	w.eventually("the next one hangs", func() bool { return len(w.lines("hook")) == 2 })
	w.terminate()
}
