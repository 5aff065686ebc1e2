package container

import (
	"errors"
	"strings"
	"syscall"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/hooks"
	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/plan"
)

// enter starts a hook in the container's namespaces.
func (h *hookCaller) enter(hook *oci.Hook, place plan.Place, stdio [3]int) (hooks.Process, error) {
	j := &joining{id: h.state.ID, dir: h.dir, state: *h.state, spec: h.spec, as: plan.Join{Path: hook.Path, Plain: place == plan.InSetup}}
	defer func() { // the directory is the caller's
		j.dir = nil
		j.close()
	}()
	j.process = h.process(hook, place)
	j.as.Exact = hook.Env != nil
	for _, fd := range stdio {
		f, err := linux.Dup(fd)
		if err != nil {
			return hooks.Process{}, err
		}
		defer f.Close()
		j.stdio = append(j.stdio, f)
	}
	if err := j.openInit(); err != nil {
		return hooks.Process{}, err
	}
	// Who is asked whether to wait has handlers for signals, and keeps them.
	init, err := j.launch(&ExecOptions{Detach: h.waiting != nil}, func(string) {})
	if err != nil {
		return hooks.Process{}, hookError(err)
	}
	return hooks.Process{Pid: init.Pid, Pidfd: init.Pidfd()}, nil
}

// process is the hook as a process of the container: with what its program
// has or, as long as that is being set up, with what keg has.
func (h *hookCaller) process(hook *oci.Hook, place plan.Place) *oci.Process {
	var p oci.Process
	if place == plan.Inside {
		p = *h.spec.Process
		p.Terminal, p.ConsoleSize, p.ExecCPUAffinity = false, nil, nil
	} else {
		p.Cwd, p.Env = "/", syscall.Environ()
		if h.spec.Root != nil {
			p.Cwd = h.state.Rootfs
		}
	}
	p.Args = hooks.Args(hook)
	if hook.Env != nil {
		p.Env = hook.Env
	}
	return &p
}

// hookError names the hook's path where its program is what failed.
func hookError(err error) error {
	var f *plan.Failure
	if !errors.As(err, &f) || !strings.HasPrefix(f.Step.Field, "process.args") {
		return err
	}
	about := *f
	about.Step.Field = ""
	return &hooks.FieldError{Field: "path", Err: &about}
}
