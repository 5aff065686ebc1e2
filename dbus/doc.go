// Package dbus turns D-Bus messages into bytes and back: as much of the
// specification as it takes to call systemd.
// https://dbus.freedesktop.org/doc/dbus-specification.html
//
// It is pure: it opens no socket and waits for nothing (package systemd does).
// It is no binding: a value names its own type, and nothing is reflected on.
package dbus
