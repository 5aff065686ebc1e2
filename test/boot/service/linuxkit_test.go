package service

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// The keg that creates a container has the global flags of the one that keeps
// the services.
func TestServicesGlobalFlags(t *testing.T) {
	w := newWorld(t)
	w.bundle("x", "exec sleep 1000", map[string]string{"grace": "0"})
	log := w.path("keg.log")
	r := kegtest.Command(t, "", w.arguments("--detach", "--cgroup-manager", "disabled", "--debug", "--log", log, "--log-format", "json")...)
	if r.Code != 0 {
		t.Fatalf("%+v", r)
	}
	defer w.ask("stop", "--all")
	pid := w.becomes("x", "running").Pid
	own, err := os.ReadFile("/proc/self/cgroup")
	must(t, err)
	its, err := os.ReadFile(fmt.Sprintf("/proc/%d/cgroup", pid))
	must(t, err)
	if string(its) != string(own) {
		t.Errorf("it has cgroups:\n%s", its)
	}
	w.eventually("what create says is in its log", func() bool {
		return strings.Contains(w.ask("logs", "--stream", "stderr", w.id("x")), "level=debug")
	})
	text, err := os.ReadFile(log)
	must(t, err)
	if want := fmt.Sprintf(`"msg":"service %s: running, pid %d"`, w.id("x"), pid); !strings.Contains(string(text), want) {
		t.Errorf("--log lacks %s:\n%s", want, text)
	}
}

// LinuxKit's command line for services, with all of its flags.
func TestServicesByLinuxKitsName(t *testing.T) {
	w := newWorld(t)
	bundle := w.bundle("x", "exec sleep 1000", map[string]string{"grace": "0"}, func(s *oci.Spec) { s.Root.Path = "root" })
	must(t, os.Symlink(w.root, filepath.Join(bundle, "root")))
	service := func(words ...string) kegtest.Result {
		return kegtest.Finish(t, &exec.Cmd{Path: kegtest.Keg(t), Args: append([]string{"service"}, words...), Env: os.Environ()})
	}
	tree, dump, run := w.path("services"), w.path("dump.json"), "--run-dir="+w.path("run")
	r := service("-q", "system-init", "-sock", "/run/containerd/containerd.sock", "-path", tree, "-containerd=/usr/bin/containerd", run,
		"--root", w.path("state"), "--log-dir", w.path("log"), "--logging-socket", w.path("none"))
	if r.Code != 0 {
		t.Fatalf("%+v", r)
	}
	defer w.ask("stop", "--all")
	pid := w.becomes("x", "running").Pid
	if r := service("restart", "-path="+tree+"/", "-dump-spec", dump, run, w.id("x")); r.Code != 0 || r.Stderr != "" {
		t.Errorf("%+v", r)
	}
	if s := w.becomes("x", "running"); s.Pid == pid {
		t.Error("not restarted")
	}
	var dumped oci.Spec
	text, err := os.ReadFile(dump)
	must(t, err)
	must(t, json.Unmarshal(text, &dumped))
	if dumped.Root == nil || dumped.Root.Path != bundle+"/root" || len(dumped.Process.Args) != 3 {
		t.Errorf("%s", text)
	}
	for _, op := range []string{"stop", "start", "restart"} {
		if r := service(op, "--path", w.path("data"), run, w.id("x")); r.Code != 1 || !strings.Contains(r.Stderr, "is the service of "+bundle) {
			t.Errorf("%+v", r)
		}
	}
	if r := service("stop", "--sock", "/other.sock", "--path", tree, run, w.id("x")); r.Code != 0 || !strings.Contains(r.Stderr, "--sock /other.sock") {
		t.Errorf("%+v", r)
	}
	w.becomes("x", "stopped")
}
