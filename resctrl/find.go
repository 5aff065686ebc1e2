package resctrl

import (
	"errors"
	"slices"

	"github.com/keg-project/keg/linux"
)

const usual = "/sys/fs/resctrl"

// ErrNotMounted says that there is no resctrl file system.
var ErrNotMounted = errors.New("no resctrl file system is mounted (hint: mount -t resctrl resctrl " + usual + ", on a processor with Intel RDT or its like)")

// Find is where the file system is mounted. The list of all mounts is read only
// where it is not at its usual place.
func Find() (string, error) {
	if is, err := linux.IsResctrl(usual); is && err == nil {
		return usual, nil
	}
	mounts, err := linux.Mounts()
	if err != nil {
		return "", err
	}
	return find(mounts)
}

func find(mounts []linux.Mount) (string, error) {
	i := slices.IndexFunc(mounts, func(m linux.Mount) bool { return m.Type == "resctrl" })
	if i < 0 {
		return "", ErrNotMounted
	}
	return mounts[i].Point, nil
}
