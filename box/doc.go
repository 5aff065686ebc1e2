// Package box makes root file systems for people: a small one from busybox,
// a directory as it is, an unpacked archive, or a throw-away copy of this
// machine's own root. It writes the config.json that goes with each and hands
// both to package container, which is how `keg shell` works.
//
// It is not for engines, which bring a bundle of their own, and not for
// images with layers: an archive here is one whole root, without whiteouts.
//
// What stays after a run:
//
//	no ROOT, an archive, --host   nothing; changes go to a tmpfs above the root
//	ROOT a directory, --keep DIR  every change, as with chroot
//
// A copy of the host has fresh /proc, /sys, /dev, /run and /tmp. Single files,
// and directories with mounts more than two levels down, are read-only in it.
// An ordinary user sees in it what that user may read, and other owners'
// files as nobody's.
//
// Boxes and unpacked archives lie in the user's cache directory, below
// keg/boxes. It is a cache: whoever needs the space removes it.
package box
