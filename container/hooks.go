package container

import (
	"fmt"
	"slices"
	"syscall"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/hooks"
	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/plan"
	"github.com/keg-project/keg/relay"
	"github.com/keg-project/keg/state"
)

// hookCaller calls a container's hooks as they were configured at create.
type hookCaller struct {
	spec  *oci.Spec
	state *state.State
	dir   *state.Dir // for hooks that enter the container

	waiting func() error // nil: see noSignal
}

// hookFields are the lists that have hooks: recorded, so that the commands
// that follow need not read the configuration where there are none.
func hookFields(s *oci.Spec) []string {
	var fields []string
	for _, l := range plan.HookLists(s) {
		fields = append(fields, l.Field)
	}
	return fields
}

// loadHooks is nil where the container has no hooks in these fields.
func loadHooks(dir *state.Dir, s state.State, fields ...string) (*hookCaller, error) {
	if !slices.ContainsFunc(fields, func(f string) bool { return slices.Contains(s.Hooks, f) }) {
		return nil, nil
	}
	config, err := recordedSpec(dir)
	if err != nil {
		return nil, err
	}
	return &hookCaller{spec: config, state: &s, dir: dir}, nil
}

// ask has the caller's caller decide how long a hook may run.
func (h *hookCaller) ask(waiting func() error) {
	if h != nil {
		h.waiting = waiting
	}
}

// call calls the hooks of one moment until one fails.
func (h *hookCaller) call(when plan.Action) error {
	if h == nil {
		return nil
	}
	return h.callThose(func(l *plan.HookList) bool { return l.When == when })
}

func (h *hookCaller) callThose(chosen func(*plan.HookList) bool) error {
	for _, l := range plan.HookLists(h.spec) {
		if !chosen(&l) {
			continue
		}
		call, err := h.prepare(&l)
		if err != nil {
			return err
		}
		if err := call.Run(); err != nil {
			return err
		}
	}
	return nil
}

// poststop calls the hooks for which the container is gone. One that fails is
// a warning. runtime-spec runtime.md#lifecycle, 13
func (h *hookCaller) poststop(warn func(string, ...any)) {
	if h == nil {
		return
	}
	for _, l := range plan.HookLists(h.spec) {
		if l.When != plan.PoststopHooks {
			continue
		}
		call, err := h.prepare(&l)
		if err != nil {
			warn("%v", err)
			return
		}
		call.RunAll(func(err error) { warn("%v", err) })
	}
}

// prepare says what the hooks of a list are told, and how they start.
// runtime-spec runtime.md#state: the status and the pid
func (h *hookCaller) prepare(l *plan.HookList) (*hooks.Call, error) {
	call := hooks.Call{
		Field: l.Field, Hooks: l.Hooks,
		Stdout: h.spec.Annotations[hooks.AnnotationStdout], Stderr: h.spec.Annotations[hooks.AnnotationStderr],
	}
	status := map[plan.Action]state.Status{
		plan.CreateHooks: state.Creating, plan.StartHooks: state.Created, plan.PoststartHooks: state.Running, plan.PoststopHooks: state.Stopped,
	}[l.When]
	pid, err := h.state.Pid, error(nil)
	switch {
	case status == state.Stopped:
		pid = 0
	case l.Place != plan.OnHost:
		pid, err = linux.InnerPid(pid) // as the container sees it
	}
	if err != nil {
		return nil, err
	}
	call.State = h.state.OCI(status, pid)
	if status != state.Stopped { // a signal ends the container, not what clears up after it
		call.Waiting = noSignal
	}
	if h.waiting != nil {
		call.Waiting = h.waiting
	}
	switch l.Place {
	case plan.OnHost:
		call.Start = hooks.Here(h.state.Bundle)
	default:
		call.Start = func(hook *oci.Hook, stdio [3]int) (hooks.Process, error) { return h.enter(hook, l.Place, stdio) }
	}
	return &call, nil
}

// hooksBefore calls the hooks for which the init waits.
func (m *making) hooksBefore(when plan.Action) error {
	if when == plan.StartHooks {
		if err := m.enterPhase(state.Created); err != nil {
			return err
		}
	}
	h := hookCaller{spec: m.spec, state: &m.state, dir: m.dir}
	return h.call(when)
}

// enterPhase records the status while hooks run, which is not that of a
// container without.
func (m *making) enterPhase(s state.Status) error {
	if m.state.Phase == s {
		return nil
	}
	m.state.Phase = s
	return m.dir.Write(m.state)
}

func (m *making) poststart() error {
	if m.restored {
		return nil
	}
	h := hookCaller{spec: m.spec, state: &m.state, dir: m.dir}
	return h.call(plan.PoststartHooks)
}

// anotherSignal is for the hooks that clear up: the signals that have come by now
// are not meant for them. Each that comes later ends the one that hangs.
func anotherSignal() func() error {
	for sig := endingSignal(); sig != 0; sig = endingSignal() {
		relay.Forget(sig)
	}
	return func() error {
		sig := endingSignal()
		if sig == 0 {
			return nil
		}
		relay.Forget(sig)
		return endedBy(sig)
	}
}

func endedBy(sig syscall.Signal) error {
	return fmt.Errorf("ended, as signal %d (%v) came", sig, sig)
}

// noSignal: who presses Ctrl-C while a hook hangs does not want to wait.
func noSignal() error {
	if sig := endingSignal(); sig != 0 {
		return endedBy(sig)
	}
	return nil
}
