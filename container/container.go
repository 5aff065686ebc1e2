// Package container is keg's public Go API: the life of a container from its
// bundle to its removal.
//
// It is not for the steps themselves: what is done is compiled by package plan
// and carried out by package launch.
package container

import (
	"fmt"
	"time"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/cgroup"
	"github.com/keg-project/keg/spec"
	"github.com/keg-project/keg/state"
)

// Errors that callers tell apart with errors.Is. Their texts are those that
// engines look for in runc's messages.
var (
	ErrNotExist   = state.ErrNotExist
	ErrExist      = state.ErrExist
	ErrNotRunning = state.ErrNotRunning
	ErrNotPaused  = state.ErrNotPaused
	ErrInvalidID  = state.ErrInvalidID
)

// Status is a container's status as the runtime specification names it.
type Status = state.Status

// The statuses of runtime.md#state, and runc's paused.
const (
	Creating = state.Creating
	Created  = state.Created
	Running  = state.Running
	Paused   = state.Paused
	Stopped  = state.Stopped
)

// Info describes a container: what `keg state` and `keg list` print.
type Info struct {
	OCIVersion  string
	ID          string
	Pid         int // 0 when stopped
	Status      Status
	Bundle      string
	Rootfs      string
	Created     time.Time
	Annotations map[string]string
	Owner       string
}

// Container is one container under a state root.
type Container struct {
	root, id string

	Warn    func(format string, args ...any) // warnings of Start and Delete, one line each; nil: none
	Init    int                              // Signal is for the container of this first process, not for another of the name; 0: for any
	Waiting func() error                     // asked now and then while a hook of theirs runs: an error ends it; nil: nobody asks
}

// lockTimeout is how long a command waits for another keg that works on the
// same container.
const lockTimeout = 10 * time.Second

// open opens the container's directory, locked, with what is recorded.
func (c *Container) open() (*state.Dir, state.State, error) {
	dir, err := state.Open(c.root, c.id)
	if err != nil {
		return nil, state.State{}, err
	}
	if err := dir.Lock(lockTimeout); err != nil {
		dir.Close()
		return nil, state.State{}, err
	}
	s, err := dir.Read()
	if err != nil {
		dir.Close()
		return nil, state.State{}, err
	}
	return dir, s, nil
}

// openFor is open for an operation that the container's status has to allow.
func (c *Container) openFor(op state.Operation) (*state.Dir, state.State, error) {
	dir, s, err := c.open()
	if err != nil {
		return nil, s, err
	}
	if err := allow(op, dir, s); err != nil {
		dir.Close()
		return nil, s, err
	}
	return dir, s, nil
}

// readFor takes no lock: what is only asked has to be answered while another
// command works on the container.
func (c *Container) readFor(op state.Operation) (state.State, error) {
	dir, err := state.Open(c.root, c.id)
	if err != nil {
		return state.State{}, err
	}
	defer dir.Close()
	s, err := dir.Read()
	if err != nil {
		return s, err
	}
	return s, allow(op, dir, s)
}

func allow(op state.Operation, dir *state.Dir, s state.State) error {
	f, err := facts(dir, s)
	if err != nil {
		return err
	}
	return f.Status().Allow(op, s.ID)
}

// recordedSpec is the configuration as it was at create.
func recordedSpec(dir *state.Dir) (*oci.Spec, error) {
	config, err := dir.Config()
	if err != nil {
		return nil, err
	}
	return spec.Decode(config)
}

func cgroupOf(s state.State) (*cgroup.Cgroup, error) {
	dirs := make([]cgroup.Dir, len(s.Cgroups))
	for i, d := range s.Cgroups {
		dirs[i] = cgroup.Dir(d)
	}
	return cgroup.Load(dirs)
}

// noCgroup is why a container without one cannot have done with it what takes
// one.
func noCgroup(op state.Operation, id, why string) error {
	return fmt.Errorf("cannot %s container %q: it has no cgroup, so %s "+
		"(hint: an ordinary user needs a cgroup that is delegated, as on v2 by: systemd-run --user --scope -p Delegate=yes keg ...)", op, id, why)
}

// facts of a container whose directory is locked by the caller.
func facts(dir *state.Dir, s state.State) (state.Facts, error) {
	f := state.Facts{Pid: s.Pid, Alive: s.Pid > 0 && state.Alive(s.Pid, s.StartTime), Waiting: dir.Has(state.StartFIFO), Phase: s.Phase}
	if !f.Alive || len(s.Cgroups) == 0 {
		return f, nil
	}
	cg, err := cgroupOf(s)
	if err != nil {
		return f, err
	}
	f.Frozen, err = cg.Frozen()
	return f, err
}

// Load finds a container by its id; ErrNotExist if there is none.
func Load(root, id string) (*Container, error) {
	if err := state.ValidID(id); err != nil {
		return nil, err
	}
	dir, err := state.Open(root, id)
	if err != nil {
		return nil, err
	}
	return &Container{root: root, id: id}, dir.Close()
}
