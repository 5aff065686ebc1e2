package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/keg-project/keg/container"
	"github.com/keg-project/keg/test/kegtest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"keg": main, "runc": main})
}

// TestScripts runs testdata/script/*.txtar: keg as a process of its own. $ID
// is a container id of the script's own, $ROOTFS a busybox root, and state is
// kept in $WORK/r.
func TestScripts(t *testing.T) {
	rootfs := kegtest.Rootfs(t)
	prefix := kegtest.Prefix() + "script-" + strconv.Itoa(os.Getpid())
	t.Cleanup(func() { noneLeft(t, prefix) })
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Condition:           condition,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"detached": detached, "set": setConfig, "until": until},
		Setup: func(env *testscript.Env) error {
			env.Setenv("USER", os.Getenv("USER"))
			env.Setenv("XDG_RUNTIME_DIR", env.WorkDir+"/run")
			env.Setenv("ROOTFS", rootfs)
			env.Setenv("ID", prefix+"-"+filepath.Base(env.WorkDir))
			env.Defer(func() { deleteAll(t, env.WorkDir+"/r") })
			return nil
		},
	})
}

// deleteAll removes what a failed script has left, half-made containers too.
func deleteAll(t *testing.T, root string) {
	entries, _ := os.ReadDir(root)
	for _, e := range entries {
		c, err := container.Load(root, e.Name())
		if err == nil {
			err = c.Delete(true)
		}
		if err != nil {
			t.Errorf("left by a script: %v", err)
		}
	}
}

// noneLeft looks for cgroups of the scripts' containers.
func noneLeft(t *testing.T, prefix string) {
	for _, pattern := range []string{"/sys/fs/cgroup/", "/sys/fs/cgroup/*/", "/sys/fs/cgroup/*/*/", "/sys/fs/cgroup/*/*/*/"} {
		left, err := filepath.Glob(pattern + prefix + "*")
		if err != nil || len(left) > 0 {
			t.Errorf("cgroups left: %q, %v", left, err)
		}
	}
}

// setConfig is the script command `set KEY.KEY=JSON...`: it changes
// config.json in the current directory.
func setConfig(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: set key.key=json...")
	}
	path := ts.MkAbs("config.json")
	var config map[string]any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(path)), &config))
	for _, arg := range args {
		name, text, _ := strings.Cut(arg, "=")
		var value any
		ts.Check(json.Unmarshal([]byte(text), &value))
		keys := strings.Split(name, ".")
		at := config
		for _, key := range keys[:len(keys)-1] {
			at = at[key].(map[string]any)
		}
		at[keys[len(keys)-1]] = value
	}
	data, err := json.Marshal(config)
	ts.Check(err)
	ts.Check(os.WriteFile(path, data, 0o644))
}

// detached is the script command `detached ARG...`: keg with its streams in
// the file out, which a container may keep open.
func detached(ts *testscript.TestScript, neg bool, args []string) {
	err := ts.Exec("sh", append([]string{"-c", `exec timeout 20 keg "$@" >out 2>&1 </dev/null`, "sh"}, args...)...)
	if (err != nil) != neg {
		ts.Fatalf("%v: %s", err, ts.ReadFile("out"))
	}
}

// until is the script command `until STATUS ID`: it waits at most ten seconds
// for a container's status.
func until(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: until status id")
	}
	ts.Check(ts.Exec("timeout", "10", "sh", "-c",
		`until keg --root "$WORK/r" state "$1" | grep -q "\"status\": \"$0\""; do sleep 0.02; done`, args[0], args[1]))
}

// condition knows [root] and [userns]. Where a user namespace must be
// possible, its lack is an error and no reason to skip.
func condition(name string) (bool, error) {
	switch name {
	case "root":
		return os.Geteuid() == 0, nil
	case "userns":
		err := tryUserNamespace()
		if err != nil && os.Getenv("KEG_MUST_RUN") == "1" {
			return false, fmt.Errorf("no user namespaces here: %w", err)
		}
		return err == nil, nil
	}
	return false, fmt.Errorf("unknown condition %q", name)
}

func tryUserNamespace() error {
	cmd := exec.Command("/proc/self/exe", "-test.run=^$")
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Geteuid(), Size: 1}},
	}
	return cmd.Run()
}
