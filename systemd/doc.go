// Package systemd asks a systemd manager, the system's or a user's, to make
// the unit that a container is in, to limit it, and to stop it. Every call has
// a deadline.
//
// It is not for deciding what a unit is like (package unit), nor for cgroups.
package systemd
