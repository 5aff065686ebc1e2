package container

import (
	"errors"

	"github.com/keg-project/keg/state"
)

// Info reads what is known of the container now. It takes no lock: it must
// answer while another command works on the container.
func (c *Container) Info() (Info, error) {
	dir, err := state.Open(c.root, c.id)
	if err != nil {
		return Info{}, err
	}
	defer dir.Close()
	return info(dir)
}

func info(dir *state.Dir) (Info, error) {
	s, err := dir.Read()
	if err != nil {
		return Info{}, err
	}
	f, err := facts(dir, s)
	if err != nil {
		return Info{}, err
	}
	f.Locked = s.Pid == 0 && dir.Locked()
	i := Info{
		OCIVersion: s.OCIVersion, ID: s.ID, Pid: s.Pid, Status: f.Status(), Bundle: s.Bundle, Rootfs: s.Rootfs,
		Created: s.Created, Annotations: s.Annotations, Owner: ownerName(s.Owner),
	}
	if i.Status == Stopped {
		i.Pid = 0
	}
	return i, nil
}

// List returns all containers under root, sorted by id. One that vanishes
// meanwhile, or was never completely made, is left out.
func List(root string) ([]Info, error) {
	ids, err := state.List(root)
	if err != nil {
		return nil, err
	}
	var list []Info
	for _, id := range ids {
		i, err := (&Container{root: root, id: id}).Info()
		if errors.Is(err, state.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		list = append(list, i)
	}
	return list, nil
}
