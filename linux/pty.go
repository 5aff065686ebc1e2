package linux

import (
	"os"

	"golang.org/x/sys/unix"
)

// What makes a terminal. ioctl_tty(2), pts(4)
const (
	DEVPTS_SUPER_MAGIC = 0x1cd1
	O_NOCTTY           = unix.O_NOCTTY
	TIOCSPTLCK         = unix.TIOCSPTLCK
	TIOCGPTPEER        = unix.TIOCGPTPEER
	TIOCSWINSZ         = unix.TIOCSWINSZ
	TIOCSCTTY          = unix.TIOCSCTTY
	TCSETS             = unix.TCSETS
)

// ClearONLCR keeps the terminal whose master f is from putting a carriage
// return before every newline. termios(3)
func ClearONLCR(f *os.File) error {
	t, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	if err != nil {
		return os.NewSyscallError("ioctl TCGETS", err)
	}
	t.Oflag &^= unix.ONLCR
	return os.NewSyscallError("ioctl TCSETS", unix.IoctlSetTermios(int(f.Fd()), unix.TCSETS, t))
}

// CopyWindowSize gives the terminal `to` the size of the terminal `from`, if
// that has one: a serial line does not.
func CopyWindowSize(from, to int) error {
	size, err := unix.IoctlGetWinsize(from, unix.TIOCGWINSZ)
	if err != nil {
		return os.NewSyscallError("ioctl TIOCGWINSZ", err)
	}
	if size.Row == 0 || size.Col == 0 {
		return nil
	}
	return os.NewSyscallError("ioctl TIOCSWINSZ", unix.IoctlSetWinsize(to, unix.TIOCSWINSZ, size))
}

// TerminalSession returns the session and the foreground process group of the
// terminal whose master is f, in the caller's pid namespace.
func TerminalSession(f *os.File) (session, group int, err error) {
	if session, err = unix.IoctlGetInt(int(f.Fd()), unix.TIOCGSID); err != nil {
		return 0, 0, os.NewSyscallError("ioctl TIOCGSID", err)
	}
	group, err = unix.IoctlGetInt(int(f.Fd()), unix.TIOCGPGRP)
	return session, group, os.NewSyscallError("ioctl TIOCGPGRP", err)
}

// InBackground reports whether the terminal is the caller's, and another
// process group is in its foreground.
func InBackground(fd int) bool {
	group, err := unix.IoctlGetInt(fd, unix.TIOCGPGRP)
	return err == nil && group != unix.Getpgrp()
}

// IsTerminal reports whether fd is a terminal.
func IsTerminal(fd int) bool {
	_, ok := TerminalSettings(fd)
	return ok
}
