package linux

import (
	"os"

	"golang.org/x/sys/unix"
)

// Terminal is how a terminal was set when it was looked at.
type Terminal struct {
	file       *os.File
	settings   Settings
	foreground int // its foreground process group
}

// SaveTerminal reads the settings of f; false if f is no terminal, or not the
// caller's controlling one, which is nothing to care for.
func SaveTerminal(f *os.File) (Terminal, bool) {
	settings, ok := TerminalSettings(int(f.Fd()))
	if !ok {
		return Terminal{}, false
	}
	group, err := unix.IoctlGetInt(int(f.Fd()), unix.TIOCGPGRP)
	if err != nil {
		return Terminal{}, false
	}
	return Terminal{f, settings, group}, true
}

// Own reports whether the caller's process group was in the foreground.
func (t Terminal) Own() bool { return t.foreground == unix.Getpgrp() }

// Abandoned reports whether the group now in the foreground has no process
// left. A shell that made itself the foreground group and was killed, or that
// cannot name its caller's group because it is in another pid namespace, leaves
// the terminal like this: whoever reads from it next gets EIO or is stopped.
func (t Terminal) Abandoned() bool {
	group, err := unix.IoctlGetInt(int(t.file.Fd()), unix.TIOCGPGRP)
	return err == nil && group > 0 && unix.Kill(-group, 0) == unix.ESRCH
}

// TakeBack makes the caller's group the foreground one again. SIGTTOU, which
// the kernel sends to a background group that tries, must be ignored.
func (t Terminal) TakeBack() error {
	return os.NewSyscallError("ioctl TIOCSPGRP", unix.IoctlSetPointerInt(int(t.file.Fd()), unix.TIOCSPGRP, unix.Getpgrp()))
}

// Foreground reports whether the caller's group is in the foreground now.
func (t Terminal) Foreground() bool {
	group, err := unix.IoctlGetInt(int(t.file.Fd()), unix.TIOCGPGRP)
	return err == nil && group == unix.Getpgrp()
}

// Restore sets the terminal as it was, after its output has drained.
func (t Terminal) Restore() error { return t.settings.Apply(int(t.file.Fd())) }
