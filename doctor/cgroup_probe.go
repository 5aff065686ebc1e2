package doctor

import (
	"os"
	"strings"
	"syscall"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/systemd"
)

// loadDeviceProgram loads the shortest program that decides on devices, which is
// attached to nothing: r0 = 1; exit. It is gone with its descriptor.
func loadDeviceProgram() error {
	fd, err := linux.LoadDeviceProgram("keg_doctor", []uint64{0x1_0000_00b7, 0x95})
	if err == nil {
		syscall.Close(fd)
	}
	return err
}

// readManager looks for the user's own manager by its files alone.
func (f *cgroupFacts) readManager() {
	if !f.systemd || !systemd.UserManager() {
		return
	}
	group := "/sys/fs/cgroup" + systemd.UsualGroup(true)
	handed, err := os.ReadFile(group + "/cgroup.controllers")
	f.manager, f.handed = err == nil, strings.Fields(string(handed))
}
