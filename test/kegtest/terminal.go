package kegtest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"
)

// Terminal is a pty with a program on it, as in a terminal emulator.
type Terminal struct {
	t      testing.TB
	Master *os.File
	cmd    *exec.Cmd

	mu   sync.Mutex
	seen bytes.Buffer
}

// OnTerminal runs a script, with keg below a shell that lives on: keg is not the session's
// leader, as it is not for a person.
func OnTerminal(t testing.TB, shell, flags, script string) *Terminal {
	t.Helper()
	return CommandOnTerminal(t, exec.Command(shell, flags, "stty -g; "+script+"; echo status $?; stty -g; echo the end"))
}

// CommandOnTerminal starts a command as the leader of the terminal's session.
func CommandOnTerminal(t testing.TB, cmd *exec.Cmd) *Terminal {
	t.Helper()
	fd, err := syscall.Open("/dev/ptmx", syscall.O_RDWR|syscall.O_NOCTTY|syscall.O_CLOEXEC|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	var number, unlock int32
	Control(t, fd, syscall.TIOCSPTLCK, unsafe.Pointer(&unlock))
	Control(t, fd, syscall.TIOCGPTN, unsafe.Pointer(&number))
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer slave.Close()
	x := &Terminal{t: t, Master: os.NewFile(uintptr(fd), "ptmx"), cmd: cmd}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go x.record()
	t.Cleanup(x.close)
	return x
}

// Control is ioctl(2).
func Control(t testing.TB, fd int, request uintptr, arg unsafe.Pointer) {
	t.Helper()
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), request, uintptr(arg)); errno != 0 {
		t.Fatal(errno)
	}
}

func (x *Terminal) record() {
	buf := make([]byte, 4096)
	for {
		n, err := x.Master.Read(buf)
		x.mu.Lock()
		x.seen.Write(buf[:n])
		x.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (x *Terminal) close() {
	syscall.Kill(-x.cmd.Process.Pid, syscall.SIGKILL)
	x.Master.Close()
	x.cmd.Wait()
}

// Output is what was shown so far.
func (x *Terminal) Output() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.seen.String()
}

// Wait waits until text is on the screen.
func (x *Terminal) Wait(text string) {
	x.t.Helper()
	for end := time.Now().Add(longest); time.Now().Before(end); {
		if strings.Contains(x.Output(), text) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	x.t.Fatalf("%q never came; the terminal shows\n%s", text, x.Output())
}

// Key types.
func (x *Terminal) Key(s string) { x.Master.WriteString(s) }

// AsBefore checks that the settings at the end are those at the beginning.
func (x *Terminal) AsBefore(status string) {
	x.t.Helper()
	x.Wait("the end\r\n")
	lines := strings.Split(strings.TrimSpace(x.Output()), "\r\n")
	if first, last := lines[0], lines[len(lines)-2]; first != last {
		x.t.Errorf("settings were %s, are %s", first, last)
	}
	if got := strings.TrimPrefix(lines[len(lines)-3], "^C"); got != "status "+status {
		x.t.Errorf("%q, want status %s\n%s", got, status, x.Output())
	}
}

// Resize is what a person does to the window.
func (x *Terminal) Resize(rows, columns uint16) {
	x.t.Helper()
	size := [4]uint16{rows, columns}
	Control(x.t, int(x.Master.Fd()), syscall.TIOCSWINSZ, unsafe.Pointer(&size))
}

// Settings are how the terminal is set now.
func (x *Terminal) Settings() syscall.Termios {
	x.t.Helper()
	var t syscall.Termios
	Control(x.t, int(x.Master.Fd()), syscall.TCGETS, unsafe.Pointer(&t))
	return t
}

// Raw reports whether keys reach a program one by one.
func (x *Terminal) Raw() bool { return x.Settings().Lflag&(syscall.ICANON|syscall.ECHO) == 0 }

// What keys send.
const (
	CtrlC = "\x03"
	CtrlZ = "\x1a"
)
