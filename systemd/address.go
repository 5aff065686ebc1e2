package systemd

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// address is one way to a manager.
type address struct {
	path string
	bus  bool // a bus, and not the manager itself
}

const (
	systemPrivate = "/run/systemd/private"
	systemBus     = "/run/dbus/system_bus_socket"
)

// addresses lists the ways to a manager, in the order in which they are tried:
// the bus that the caller names, the manager's own socket, which needs no bus,
// and the usual bus.
func addresses(user bool) []address {
	if !user {
		return append(named("DBUS_SYSTEM_BUS_ADDRESS"), address{systemPrivate, false}, address{systemBus, true})
	}
	dir := runtimeDir()
	private := address{dir + "/systemd/private", false}
	if list := named("DBUS_SESSION_BUS_ADDRESS"); len(list) > 0 && list[0].path != dir+"/bus" {
		return append(list, private)
	}
	return []address{private, {dir + "/bus", true}}
}

// named reads a list of addresses; those that are no sockets of this machine
// are passed over. D-Bus specification, "Server Addresses"
func named(variable string) []address {
	var list []address
	for one := range strings.SplitSeq(os.Getenv(variable), ";") {
		options, ok := strings.CutPrefix(one, "unix:")
		if !ok {
			continue
		}
		for option := range strings.SplitSeq(options, ",") {
			key, value, _ := strings.Cut(option, "=")
			switch key {
			case "path":
				list = append(list, address{unquote(value), true})
			case "abstract":
				list = append(list, address{"@" + unquote(value), true})
			}
		}
	}
	return list
}

// unquote reads %XX.
func unquote(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				b.WriteByte(byte(n))
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// runtimeDir is where the user's manager has its sockets. pam_systemd(8)
func runtimeDir() string {
	if dir := os.Getenv("XDG_RUNTIME_DIR"); dir != "" {
		return dir
	}
	return "/run/user/" + strconv.Itoa(hostUID())
}

// hostUID is keg's user as the machine knows it: in a user namespace, as in
// those that rootless engines make, keg may be called root. user_namespaces(7)
func hostUID() int {
	uid := os.Geteuid()
	text, err := os.ReadFile("/proc/self/uid_map")
	if err != nil {
		return uid
	}
	for line := range bytes.Lines(text) {
		var m [3]int
		for i, field := range bytes.Fields(line) {
			if m[min(i, 2)], err = strconv.Atoi(string(field)); err != nil {
				return uid
			}
		}
		if uid >= m[0] && uid-m[0] < m[2] {
			return m[1] + uid - m[0]
		}
	}
	return uid
}

// UsualGroup is the cgroup that a manager has where nobody has moved it.
func UsualGroup(user bool) string {
	if !user {
		return ""
	}
	uid := strconv.Itoa(hostUID())
	return "/user.slice/user-" + uid + ".slice/user@" + uid + ".service"
}

// UserManager tells whether the caller's units are the user manager's: it is an
// ordinary user, or the root of a user namespace in which the system's manager
// is nobody's.
func UserManager() bool {
	if os.Geteuid() != 0 {
		return true
	}
	var st syscall.Stat_t
	return syscall.Stat("/run/systemd", &st) == nil && st.Uid != 0
}

// noManager says why there is none, and what to do.
func noManager(user bool, err error) error {
	_, booted := os.Stat("/run/systemd/system") // sd_booted(3)
	switch {
	case errors.Is(booted, os.ErrNotExist):
		return fmt.Errorf("--systemd-cgroup: systemd does not run here: %w (hint: leave the flag out to have keg manage the cgroups itself)", err)
	case user:
		return fmt.Errorf("--systemd-cgroup: no systemd manager of user %d: %w (hint: it runs for a user who is logged in, or after `loginctl enable-linger`; "+
			"XDG_RUNTIME_DIR or DBUS_SESSION_BUS_ADDRESS say where)", hostUID(), err)
	}
	return fmt.Errorf("--systemd-cgroup: %w", err)
}
