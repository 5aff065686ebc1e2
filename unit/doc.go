// Package unit says which systemd unit a container is to be: its name, its
// slice and its properties, from the configuration and the limits that come of
// it. It is pure.
//
// It is not for talking to systemd: package systemd does.
package unit
