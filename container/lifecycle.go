package container

import (
	"errors"
	"syscall"

	"github.com/keg-project/keg/plan"
)

// Container is one container under a state root.
type Container struct {
	root, id string
}

var errTODO = errors.New("not yet")

// Create makes a container whose program waits for Start.
func Create(o Options) (*Container, error) { return nil, errTODO }

// Run makes a container, starts it and, unless o.Detach, waits for it and
// removes it. The status is the program's own, or 128+n for signal n.
func Run(o Options) (status int, err error) { return 0, errTODO }

// Explain returns the plan that Create would carry out.
func Explain(o Options) (*plan.Plan, error) { return nil, errTODO }

// Load finds a container by its id; ErrNotExist if there is none.
func Load(root, id string) (*Container, error) { return nil, errTODO }

// List returns all containers under root, sorted by id.
func List(root string) ([]Info, error) { return nil, errTODO }

// Info reads what is known of the container now.
func (c *Container) Info() (Info, error) { return Info{}, errTODO }

// Start releases a created container's program.
func (c *Container) Start() error { return errTODO }

// Signal sends sig to the container's init, or to all its processes.
func (c *Container) Signal(sig syscall.Signal, all bool) error { return errTODO }

// Delete removes a stopped container; with force also a living one.
func (c *Container) Delete(force bool) error { return errTODO }
