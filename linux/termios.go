package linux

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Settings are how a terminal treats what is typed and what is written.
// termios(3)
type Settings struct{ termios unix.Termios }

// TerminalSettings reads them; false where fd is no terminal. Of a pty's master
// they are the settings of its other end.
func TerminalSettings(fd int) (Settings, bool) {
	t, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return Settings{}, false
	}
	return Settings{*t}, true
}

// Raw are settings by which every key reaches the program that reads, and,
// with output, everything written reaches the screen as it is.
func (s Settings) Raw(output bool) Settings {
	t := &s.termios
	t.Iflag &^= unix.IGNBRK | unix.BRKINT | unix.PARMRK | unix.ISTRIP | unix.INLCR | unix.IGNCR | unix.ICRNL | unix.IXON
	t.Lflag &^= unix.ECHO | unix.ECHONL | unix.ICANON | unix.ISIG | unix.IEXTEN
	t.Cflag &^= unix.CSIZE | unix.PARENB
	t.Cflag |= unix.CS8
	if output {
		t.Oflag &^= unix.OPOST
	}
	t.Cc[unix.VMIN], t.Cc[unix.VTIME] = 1, 0
	return s
}

// Apply sets the terminal once what was written to it has drained. A caller in
// the background gets SIGTTOU.
func (s Settings) Apply(fd int) error {
	for {
		err := unix.IoctlSetTermios(fd, unix.TCSETSW, &s.termios)
		if err != unix.EINTR {
			return os.NewSyscallError("ioctl TCSETSW", err)
		}
	}
}

// EndOfFile is the key that ends the input; 0 where none does.
func (s Settings) EndOfFile() byte { return s.termios.Cc[unix.VEOF] }

// ByLine reports whether the kernel hands on whole lines, which can be edited.
func (s Settings) ByLine() bool { return s.termios.Lflag&unix.ICANON != 0 }

// Suspend is the key that stops the program; 0 where no key does.
func (s Settings) Suspend() byte {
	if s.termios.Lflag&unix.ISIG == 0 {
		return 0
	}
	return s.termios.Cc[unix.VSUSP]
}

// Bytes are the settings as TCSETS takes them.
func (s Settings) Bytes() []byte {
	return append([]byte(nil), unsafe.Slice((*byte)(unsafe.Pointer(&s.termios)), unsafe.Sizeof(s.termios))...)
}
