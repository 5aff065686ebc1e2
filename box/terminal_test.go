package box

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"
	"unsafe"
)

// openPTY returns both ends of a new terminal.
func openPTY(t *testing.T) (master, slave *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { master.Close() })
	var n, unlock int32
	for request, arg := range map[uintptr]*int32{syscall.TIOCSPTLCK: &unlock, syscall.TIOCGPTN: &n} {
		if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, master.Fd(), request, uintptr(unsafe.Pointer(arg))); errno != 0 {
			t.Fatal(errno)
		}
	}
	slave, err = os.OpenFile("/dev/pts/"+strconv.Itoa(int(n)), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { slave.Close() })
	return master, slave
}

// A program that took the foreground, set raw mode and is gone must not cost
// the caller the terminal.
func TestTerminalIsAsBefore(t *testing.T) {
	_, slave := openPTY(t)
	var out bytes.Buffer
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), "BOX_TEST_TERMINAL=1")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, &out, &out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Run(); err != nil {
		t.Errorf("%v\n%s", err, out.Bytes())
	}
}

// loseTerminal runs in a session of its own, with the terminal as its stdin.
func loseTerminal() int {
	before := stty("-g")
	restore := guardTerminal(os.Stdin)
	raw := exec.Command("stty", "raw", "-echo")
	raw.Stdin, raw.Stderr = os.Stdin, os.Stderr
	raw.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Foreground: true, Ctty: 0}
	if err := raw.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "stty raw:", err)
		return 1
	}
	if got := foreground(); got == syscall.Getpgrp() {
		fmt.Fprintln(os.Stderr, "the test took no foreground away")
		return 1
	}
	if err := restore(); err != nil {
		fmt.Fprintln(os.Stderr, "restore:", err)
		return 1
	}
	if got := foreground(); got != syscall.Getpgrp() {
		fmt.Fprintf(os.Stderr, "foreground group %d, want %d\n", got, syscall.Getpgrp())
		return 1
	}
	if after := stty("-g"); after != before || before == "" {
		fmt.Fprintf(os.Stderr, "settings %q, were %q\n", after, before)
		return 1
	}
	return 0
}

func stty(args ...string) string {
	cmd := exec.Command("stty", args...)
	cmd.Stdin, cmd.Stderr = os.Stdin, os.Stderr
	out, _ := cmd.Output()
	return string(out)
}

func foreground() int {
	var group int32
	syscall.Syscall(syscall.SYS_IOCTL, 0, syscall.TIOCGPGRP, uintptr(unsafe.Pointer(&group)))
	return int(group)
}

// In a pipe there is nothing to save, and nothing to go wrong.
func TestNoTerminal(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	restore := guardTerminal(r)
	if err := restore(); err != nil {
		t.Error(err)
	}
}
