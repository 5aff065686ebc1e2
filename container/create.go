package container

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/cgroup"
	"github.com/keg-project/keg/launch"
	"github.com/keg-project/keg/plan"
	"github.com/keg-project/keg/relay"
	"github.com/keg-project/keg/state"
)

// Create makes a container whose program waits for Start. After an error
// nothing is left of it.
func Create(o Options) (*Container, error) {
	m, err := makeContainer(&o, true)
	if err != nil {
		return nil, err
	}
	m.dir.Close()
	return &Container{root: o.Root, id: o.ID}, nil
}

// Explain returns the plan that Create would carry out.
func Explain(o Options) (*plan.Plan, error) {
	o.explain = true
	if o.ID == "" {
		o.ID = "explained"
	}
	c, err := compile(&o, true)
	if err != nil {
		return nil, err
	}
	passWarnings(c.plan, o.Warn)
	return c.plan, nil
}

func passWarnings(p *plan.Plan, warn func(string, ...any)) {
	if warn == nil {
		return
	}
	for _, w := range p.Warnings {
		warn("%s", w)
	}
}

// making is a container that is being made.
type making struct {
	*compiled
	o       *Options
	console console
	dir     *state.Dir
	state   state.State
	cgroup  *cgroup.Cgroup
	place   *cgroup.Cgroup // where the init is born: the cgroup, or one delegated in it
	init    *launch.Init
	trace   *trace

	restored bool     // it goes on where it was: nothing of it starts
	recorded bool     // the container is known, and its poststop hooks will be called
	receiver *os.File // of the init's pidfd; nil: there is none
}

// makeContainer does all of create; the caller closes the directory.
func makeContainer(o *Options, wait bool) (*making, error) {
	m := &making{o: o, trace: newTrace(o.Trace)}
	defer m.trace.end()
	if err := state.ValidID(o.ID); err != nil {
		return nil, err
	}
	m.trace.phase("config")
	var err error
	if m.compiled, err = compile(o, wait); err != nil {
		return nil, err
	}
	defer m.closeManager()
	passWarnings(m.plan, o.Warn)
	if m.receiver, err = dialPidfdSocket(o.PidfdSocket); err != nil {
		return nil, err
	}
	defer m.receiver.Close()
	terminal := m.spec.Process != nil && m.spec.Process.Terminal
	if m.console, err = openConsole(terminal, wait || o.Detach, o.ConsoleSocket); err != nil {
		return nil, err
	}
	defer m.console.close()
	if err := m.takeSignals(wait); err != nil {
		return nil, err
	}
	m.trace.phase("state")
	if m.dir, err = state.Create(o.Root, o.ID); err != nil {
		return nil, stateError(err)
	}
	if err := m.fill(wait); err != nil {
		return nil, errors.Join(err, m.undo())
	}
	return m, nil
}

// takeSignals: where there are no hooks, create is over before anybody would
// end it.
func (m *making) takeSignals(wait bool) error {
	switch {
	case !wait && !m.o.Detach:
		return m.console.takeSignals()
	case m.o.OwnSignals && len(hookFields(m.spec)) > 0:
		return relay.Hold()
	}
	return nil
}

// settle makes what a container has before its processes: state first, so that
// a killed keg leaves nothing that delete does not find.
func (m *making) settle() error {
	if err := m.record(); err != nil {
		return err
	}
	m.recorded = true
	m.trace.phase("cgroup")
	if err := m.makeCgroup(); err != nil {
		return err
	}
	return m.makeResctrl()
}

// fill does what has to be undone when it fails.
func (m *making) fill(wait bool) error {
	if err := m.settle(); err != nil {
		return err
	}
	env := launch.Env{
		Dir: m.dir.File(), Cgroup: m.place, Console: m.console.take, Listener: listenerOf(m.spec, &m.state, state.Creating),
		Born: m.born, Hooks: m.hooksBefore, Phase: m.trace.phase,
	}
	if m.o.OwnSignals && len(m.state.Hooks) > 0 {
		env.Waiting = noSignal
	}
	if m.spec.Process != nil {
		env.UID = int(m.spec.Process.User.UID)
	}
	if wait {
		var err error
		if env.StartFIFO, err = m.fifo(state.StartFIFO); err != nil {
			return err
		}
		defer env.StartFIFO.Close()
		if env.ExecFIFO, err = m.fifo(execFIFO); err != nil {
			return err
		}
		defer env.ExecFIFO.Close()
	}
	init, err := launch.Launch(m.plan, env)
	if err != nil {
		return err
	}
	m.init = init
	if err := m.enterPhase(""); err != nil {
		return err
	}
	if env.Waiting != nil { // a signal that came when nobody asked
		if err := env.Waiting(); err != nil {
			return err
		}
	}
	return writePidFile(m.o.PidFile, init.Pid, m.o.ID)
}

func (m *making) record() error {
	if err := cgroup.Vacant(m.dirs); err != nil {
		return fmt.Errorf("linux.cgroupsPath: %w", err)
	}
	if err := m.dir.WriteConfig(m.config); err != nil {
		return stateError(err)
	}
	m.state = state.State{
		OCIVersion: oci.Version, ID: m.o.ID, Bundle: m.bundle, Rootfs: m.rootfs,
		Created: m.created, Owner: os.Geteuid(), Annotations: m.spec.Annotations,
		NoNewKeyring: m.o.NoNewKeyring, Resctrl: state.Resctrl(m.resctrl),
	}
	if m.o.PidFile != "" {
		path, err := filepath.Abs(m.o.PidFile)
		if err != nil {
			return fmt.Errorf("--pid-file %s: %w", m.o.PidFile, err)
		}
		m.state.PidFile = path
	}
	for _, d := range m.dirs {
		m.state.Cgroups = append(m.state.Cgroups, state.Cgroup(d))
	}
	m.state.Hooks = hookFields(m.spec)
	if err := m.claim(); err != nil {
		return err
	}
	return stateError(m.dir.Write(m.state))
}

// stateError says where the directory comes from, if it is of no use.
func stateError(err error) error {
	var path *os.PathError
	if !errors.As(err, &path) {
		return err
	}
	return fmt.Errorf("keep the container's state: %w (hint: --root names another directory)", err)
}

// born records the init before it may go on.
func (m *making) born(pid int) error {
	start, err := state.StartTime(pid)
	if err != nil {
		return err
	}
	m.state.Pid, m.state.StartTime = pid, start
	if m.plan.HasStep(plan.CreateHooks) {
		m.state.Phase = state.Creating
	}
	if err := m.dir.Write(m.state); err != nil {
		return err
	}
	if err := rdtError(m.resctrl.Join(pid)); err != nil {
		return err
	}
	if err := m.enterScope(pid); err != nil {
		return err
	}
	return sendPidfd(m.receiver, pid, "standard")
}

// undo removes what a failed create has made.
func (m *making) undo() error {
	defer m.dir.Close()
	waiting := anotherSignal()
	var errs []error
	if m.init != nil {
		errs = append(errs, m.init.Kill())
	}
	errs = append(errs, m.removeCgroups())
	if err := errors.Join(errs...); err != nil {
		return err // the directory stays, so that delete finds the rest
	}
	return m.remove(waiting)
}

// removeCgroups also ends what is left in them: a hook may have left a process.
func (m *making) removeCgroups() error {
	err := stopUnit(m.state)
	if m.cgroup != nil {
		err = errors.Join(err, emptyAndRemove(m.cgroup, noQuestion))
	}
	return err
}

// remove removes the directory, when nothing else is left of the container,
// and calls the poststop hooks. waiting is asked while one of them runs.
func (m *making) remove(waiting func() error) error {
	if err := removeOutside(m.state); err != nil {
		return err
	}
	if err := m.dir.Remove(); err != nil {
		return err
	}
	if m.recorded {
		h := hookCaller{spec: m.spec, state: &m.state, waiting: waiting}
		h.poststop(m.o.warn)
	}
	return nil
}
