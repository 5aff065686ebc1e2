package container

import (
	"errors"
	"strings"
	"syscall"

	"github.com/keg-project/keg/systemd"
)

// refusedByKernel tells whether the kernel does not let keg's user put a process
// into a unit's cgroup, where systemd may: it asks for rights over the
// cgroup that both keg's and the unit's are below, and a user's session is
// beside the units of the user's manager.
func (j *joining) refusedByKernel(err error) bool {
	return j.state.Unit != "" && !j.attach && aboutCgroup(err) && errors.Is(err, syscall.EACCES)
}

// enterUnit has systemd put the process, which waits, where it could not be born.
func (j *joining) enterUnit(pid int) error {
	if !j.attach {
		return nil
	}
	m, err := systemd.Connect(j.state.UserUnit)
	if err != nil {
		return err
	}
	defer m.Close()
	_, below, _ := strings.Cut(j.cgroup.Dirs()[0].Path+"/", "/"+j.state.Unit+"/")
	return m.Attach(j.state.Unit, "/"+strings.TrimSuffix(below, "/"), uint32(pid))
}
