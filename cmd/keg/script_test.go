package main

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"keg": main, "runc": main})
}

// TestScripts runs testdata/script/*.txtar: keg as a process of its own.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Condition:           condition,
		Setup: func(env *testscript.Env) error {
			env.Setenv("USER", os.Getenv("USER"))
			env.Setenv("XDG_RUNTIME_DIR", env.WorkDir+"/run")
			return nil
		},
	})
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
