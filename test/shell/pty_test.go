package shell

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/keg-project/keg/test/kegtest"
)

// terminal is a pty with a program on it, as in a terminal emulator.
type terminal struct {
	t      *testing.T
	master *os.File
	cmd    *exec.Cmd

	mu   sync.Mutex
	seen bytes.Buffer
}

// onTerminal runs keg below a shell that lives on: keg is not the session's
// leader, as it is not for a person.
func onTerminal(t *testing.T, script string) *terminal {
	t.Helper()
	fd, err := syscall.Open("/dev/ptmx", syscall.O_RDWR|syscall.O_NOCTTY|syscall.O_CLOEXEC|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	var number, unlock int32
	control(t, fd, syscall.TIOCSPTLCK, unsafe.Pointer(&unlock))
	control(t, fd, syscall.TIOCGPTN, unsafe.Pointer(&number))
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer slave.Close()
	x := &terminal{t: t, master: os.NewFile(uintptr(fd), "ptmx")}
	keg := kegtest.Keg(t) + " --root " + filepath.Join(t.TempDir(), "state") + " shell"
	x.cmd = exec.Command("bash", "-mc", "stty -g; "+strings.ReplaceAll(script, "KEG", keg)+"; echo status $?; stty -g; echo the end")
	x.cmd.Stdin, x.cmd.Stdout, x.cmd.Stderr = slave, slave, slave
	x.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := x.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go x.record()
	t.Cleanup(x.close)
	return x
}

func control(t *testing.T, fd int, request uintptr, arg unsafe.Pointer) {
	t.Helper()
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), request, uintptr(arg)); errno != 0 {
		t.Fatal(errno)
	}
}

func (x *terminal) record() {
	buf := make([]byte, 4096)
	for {
		n, err := x.master.Read(buf)
		x.mu.Lock()
		x.seen.Write(buf[:n])
		x.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (x *terminal) close() {
	syscall.Kill(-x.cmd.Process.Pid, syscall.SIGKILL)
	x.master.Close()
	x.cmd.Wait()
}

func (x *terminal) output() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.seen.String()
}

// wait waits until text is on the screen.
func (x *terminal) wait(text string) {
	x.t.Helper()
	for range 1000 {
		if strings.Contains(x.output(), text) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	x.t.Fatalf("%q never came; the terminal shows\n%s", text, x.output())
}

func (x *terminal) key(s string) { x.master.WriteString(s) }

// asBefore checks that the settings at the end are those at the beginning.
func (x *terminal) asBefore(status string) {
	x.t.Helper()
	x.wait("the end\r\n")
	lines := strings.Split(strings.TrimSpace(x.output()), "\r\n")
	if first, last := lines[0], lines[len(lines)-2]; first != last {
		x.t.Errorf("settings were %s, are %s", first, last)
	}
	if got := strings.TrimPrefix(lines[len(lines)-3], "^C"); got != "status "+status {
		x.t.Errorf("%q, want status %s\n%s", got, status, x.output())
	}
}

const (
	ctrlC = "\x03"
	ctrlZ = "\x1a"
)

func TestInterrupt(t *testing.T) {
	x := onTerminal(t, "KEG -- sh -c 'echo ready; exec sleep 100'")
	x.wait("ready")
	x.key(ctrlC)
	x.asBefore("130")
}

func TestSuspend(t *testing.T) {
	x := onTerminal(t, "KEG -- sh -c 'echo ready; read x; echo got $x; exit 3'; echo stopped $?; fg")
	x.wait("ready")
	time.Sleep(100 * time.Millisecond) // keg takes up the rarer signals later
	x.key(ctrlZ)
	x.wait("stopped 14") // 128 + SIGSTOP or SIGTSTP
	x.key("line\n")
	x.wait("got line")
	x.asBefore("3")
}

// A shell in the box has job control of its own.
func TestInteractive(t *testing.T) {
	x := onTerminal(t, "KEG -e PS1=box-")
	x.wait("box-")
	x.key("sleep 100\n")
	time.Sleep(300 * time.Millisecond)
	x.key(ctrlC)
	x.key("echo status-$?\n")
	x.wait("status-130")
	x.key("sleep 101\n")
	time.Sleep(300 * time.Millisecond)
	x.key(ctrlZ)
	x.wait("Stopped")
	x.key("bg; jobs; kill %1; stty size; stty raw -echo; exit 7\n")
	x.asBefore("7")
	if strings.Contains(x.output(), "job control") {
		t.Errorf("no job control:\n%s", x.output())
	}
}

func TestWindowSize(t *testing.T) {
	x := onTerminal(t, "KEG -- sh -c 'trap \"stty size; exit\" WINCH; echo ready; while :; do sleep 0.1; done'")
	x.wait("ready")
	size := [4]uint16{33, 77}
	control(t, int(x.master.Fd()), syscall.TIOCSWINSZ, unsafe.Pointer(&size))
	x.wait("33 77")
	x.asBefore("0")
}

// The program dies in raw mode, as the foreground group.
func TestCrash(t *testing.T) {
	x := onTerminal(t, "KEG -- sh -c 'stty raw -echo; kill -9 $$'")
	x.asBefore("137")
}
