package box

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"

	"github.com/keg-project/keg/container"
	"github.com/keg-project/keg/linux"
)

// Run makes the box and runs the command in it. The status is the command's.
func Run(o Options) (status int, err error) {
	if err := o.check(); err != nil {
		return 0, err
	}
	config, bundle, err := configure(&o)
	if err != nil {
		return 0, err
	}
	made := container.Options{
		Root:   o.StateRoot,
		ID:     newID(),
		Bundle: bundle,
		Config: config,
		Warn:   o.warn,
		// A terminal for what is on the caller's, and files and pipes as they are.
		OwnStderr: !linux.IsTerminal(2),
		Trace:     o.Trace,
	}
	made.NoCgroup = o.NoCgroup
	made.SystemdCgroup = o.SystemdCgroup || !o.NoCgroup && limits(&o) != nil && container.NeedsSystemd()
	if o.Explain {
		return 0, explain(made, o.Stdout)
	}
	if err := sweep(o.StateRoot); err != nil {
		return 0, err
	}
	restore := guardTerminal(os.Stdin)
	status, err = run(made)
	return status, errors.Join(err, restore())
}

// configure prepares the root and writes the config.json that goes with it.
func configure(o *Options) (config []byte, bundle string, err error) {
	c, err := whoCalls()
	if err != nil {
		return nil, "", err
	}
	r, err := prepare(o)
	if err != nil {
		return nil, "", err
	}
	s, err := compose(r, o, &c)
	if err != nil {
		return nil, "", err
	}
	s.Process.Terminal = wantsTerminal()
	if config, err = json.Marshal(s); err != nil {
		return nil, "", fmt.Errorf("config.json of the box: %w", err)
	}
	return config, r.path, nil
}

// run tries another id in the unlikely case that one is taken.
func run(o container.Options) (status int, err error) {
	status, err = container.Run(o)
	for i := 0; i < 3 && errors.Is(err, container.ErrExist); i++ {
		o.ID = newID()
		status, err = container.Run(o)
	}
	return status, err
}

// sweep removes what boxes have left whose keg was killed: the box ended with
// it, but cgroup and state are nobody's then.
func sweep(stateRoot string) error {
	list, err := container.List(stateRoot)
	if err != nil {
		return err
	}
	for _, i := range list {
		if !strings.HasPrefix(i.ID, idPrefix) || i.Status != container.Stopped {
			continue
		}
		c, err := container.Load(stateRoot, i.ID)
		if err == nil {
			err = c.Delete(false)
		}
		if err != nil && !errors.Is(err, container.ErrNotExist) {
			return fmt.Errorf("remove what a killed keg has left: %w", err)
		}
	}
	return nil
}

const idPrefix = "shell-"

// newID is a name, not a secret.
func newID() string {
	id := []byte(idPrefix)
	for range 6 {
		id = append(id, byte('a'+rand.IntN(26)))
	}
	return string(id)
}
