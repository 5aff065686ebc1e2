package linux

import (
	"os"

	"golang.org/x/sys/unix"
)

// What Reboot does to the machine. reboot(2)
const (
	REBOOT_RESTART   = unix.LINUX_REBOOT_CMD_RESTART
	REBOOT_HALT      = unix.LINUX_REBOOT_CMD_HALT
	REBOOT_POWER_OFF = unix.LINUX_REBOOT_CMD_POWER_OFF
	// From now on Ctrl-Alt-Del is a SIGINT for process 1, and no reboot at once.
	REBOOT_CAD_OFF = unix.LINUX_REBOOT_CMD_CAD_OFF
)

// Reboot restarts or stops the machine, without writing anything to its disks
// before.
func Reboot(command int) error {
	return os.NewSyscallError("reboot", unix.Reboot(command))
}

// Sync writes what is cached to the disks. sync(2)
func Sync() { unix.Sync() }
