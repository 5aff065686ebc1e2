// Package host finds out what this kernel and machine can do, as plain values
// that the pure packages take as input.
//
// It is not for changing anything, nor for deciding what follows from a fact.
package host

import (
	"os"

	"github.com/keg-project/keg/linux"
)

// Facts are what a plan depends on.
type Facts struct {
	UID, GID   int
	Privileged bool   // CAP_SYS_ADMIN over the mount namespace
	SysAdmin   bool   // CAP_SYS_ADMIN, outside any user namespace
	Mknod      bool   // device nodes can be made: CAP_MKNOD, outside any user namespace
	LastCap    int    // the highest capability that the kernel knows
	Withheld   uint64 // the capabilities that keg can give nobody
	Initramfs  bool   // the root is an initramfs, which pivot_root(2) refuses to leave
}

// Detect finds the facts.
func Detect() (Facts, error) {
	caps, err := linux.Capabilities()
	if err != nil {
		return Facts{}, err
	}
	initramfs, err := linux.RootIsInitramfs()
	if err != nil {
		return Facts{}, err
	}
	nested := linux.InUserNamespace()
	last := linux.LastCap()
	return Facts{
		UID: os.Geteuid(), GID: os.Getegid(),
		Privileged: caps&(1<<linux.CAP_SYS_ADMIN) != 0 && (!nested || linux.OwnsMountNamespace()),
		SysAdmin:   caps&(1<<linux.CAP_SYS_ADMIN) != 0 && !nested,
		Mknod:      caps&(1<<linux.CAP_MKNOD) != 0 && !nested,
		LastCap:    last,
		Withheld:   linux.Withheld(caps, last),
		Initramfs:  initramfs,
	}, nil
}
