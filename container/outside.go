package container

import (
	"os"

	"github.com/keg-project/keg/resctrl"
	"github.com/keg-project/keg/state"
)

// removeOutside removes what a container has outside of its directory and its
// cgroups, and what a killed keg has left of writing the pid file.
func removeOutside(s state.State) error {
	if s.PidFile != "" {
		os.Remove(pidFileTemp(s.PidFile, s.ID)) // there rarely is one, and none is worth keeping the container for
	}
	return rdtError(resctrl.Group(s.Resctrl).Remove())
}
