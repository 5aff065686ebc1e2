package linux

import "golang.org/x/sys/unix"

// MajorMinor splits a device number. makedev(3)
func MajorMinor(dev uint64) (major, minor uint32) { return unix.Major(dev), unix.Minor(dev) }

// Mkdev joins a device number. makedev(3)
func Mkdev(major, minor uint32) uint64 { return unix.Mkdev(major, minor) }
