package relay

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The test binary is also the relaying process and the receiver.
func TestMain(m *testing.M) {
	switch os.Getenv("RELAY_ROLE") {
	case "relay":
		relaying()
	case "receiver":
		receiving()
	case "ignoring":
		ignoring()
	default:
		os.Exit(m.Run())
	}
}

// receiving prints every signal that comes, until SIGUSR2.
func receiving() {
	c := make(chan os.Signal, 128)
	signal.Notify(c)
	fmt.Println("ready")
	for s := range c {
		sig := s.(syscall.Signal)
		if sig == syscall.SIGURG {
			continue
		}
		fmt.Println(int(sig))
		if sig == syscall.SIGUSR2 {
			return
		}
	}
}

// relaying starts a receiver and passes signals on to it: what comes before
// the receiver is ready is kept, then named.
func relaying() {
	if err := Hold(); err != nil {
		panic(err)
	}
	var pidfd int
	self, _ := os.Executable()
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), "RELAY_ROLE=receiver")
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{PidFD: &pidfd}
	out, err := cmd.StdoutPipe()
	if err != nil {
		panic(err)
	}
	if err := cmd.Start(); err != nil {
		panic(err)
	}
	lines := bufio.NewScanner(out)
	lines.Scan() // ready
	fmt.Println("holding")
	for Held(syscall.SIGTERM) == 0 {
		time.Sleep(time.Millisecond)
	}
	To(pidfd)
	fmt.Println("passing")
	for lines.Scan() {
		fmt.Println(lines.Text())
	}
	cmd.Wait()
}

func TestRelay(t *testing.T) {
	self, _ := os.Executable()
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), "RELAY_ROLE=relay")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(time.Minute, func() { cmd.Process.Kill() })
	defer timer.Stop()
	var got []string
	lines := bufio.NewScanner(out)
	next := []syscall.Signal{1, 2, 3, 10, 14, 28, 35, 37, 64, syscall.SIGUSR2}
	for lines.Scan() {
		got = append(got, lines.Text())
		switch {
		case lines.Text() == "holding":
			cmd.Process.Signal(syscall.SIGTERM)
		case lines.Text() == "passing" || len(next) == 0:
		default: // one at a time: of several the kernel delivers the lowest first
			cmd.Process.Signal(next[0])
			next = next[1:]
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	if s, want := strings.Join(got, " "), "holding passing 15 1 2 3 10 14 28 35 37 64 12"; s != want {
		t.Errorf("%s, want %s", s, want)
	}
}

// Many signals while the target is being named: each comes through, none twice
// (a signal that is pending already is not counted twice by the kernel either).
func TestNamedMeanwhile(t *testing.T) {
	for range 20 {
		target, pending = -1, 0
		r := receiver(t)
		if err := Hold(); err != nil {
			t.Fatal(err)
		}
		done := make(chan bool)
		go func() {
			for sig := 35; sig <= 60; sig++ {
				syscall.Kill(os.Getpid(), syscall.Signal(sig))
			}
			close(done)
		}()
		To(r.pidfd)
		<-done
		timer := time.AfterFunc(time.Minute, func() { r.cmd.Process.Kill() })
		count := map[string]int{}
		for len(count) < 26 && r.lines.Scan() { // SIGUSR2, a low one, would overtake them
			count[r.lines.Text()]++
		}
		time.Sleep(10 * time.Millisecond)
		syscall.Kill(os.Getpid(), syscall.SIGUSR2)
		for r.lines.Scan() {
			count[r.lines.Text()]++
		}
		timer.Stop()
		for sig := 35; sig <= 60; sig++ {
			if n := count[fmt.Sprint(sig)]; n != 1 {
				t.Errorf("signal %d came %d times", sig, n)
			}
		}
		r.cmd.Wait()
		syscall.Close(r.pidfd)
	}
}

type receiverProcess struct {
	cmd   *exec.Cmd
	pidfd int
	lines *bufio.Scanner
}

func receiver(t *testing.T) *receiverProcess {
	t.Helper()
	r := &receiverProcess{}
	self, _ := os.Executable()
	r.cmd = exec.Command(self)
	r.cmd.Env = append(os.Environ(), "RELAY_ROLE=receiver")
	r.cmd.SysProcAttr = &syscall.SysProcAttr{PidFD: &r.pidfd}
	out, err := r.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	r.lines = bufio.NewScanner(out)
	r.lines.Scan()
	return r
}

// What the caller ignores stays ignored.
func TestIgnored(t *testing.T) {
	self, _ := os.Executable()
	cmd := exec.Command("/bin/sh", "-c", "trap '' HUP; exec "+self)
	cmd.Env = append(os.Environ(), "RELAY_ROLE=ignoring")
	out, err := cmd.CombinedOutput()
	if err != nil || string(out) != "SIGHUP ignored: true, SIGTERM ignored: false\n" {
		t.Errorf("%v: %s", err, out)
	}
}

func ignoring() {
	if err := Hold(); err != nil {
		panic(err)
	}
	ignored := func(sig syscall.Signal) bool {
		var act sigaction
		if err := install(uintptr(sig), nil, &act); err != nil {
			panic(err)
		}
		return uintptr(act.handler) == sigIgn
	}
	fmt.Printf("SIGHUP ignored: %v, SIGTERM ignored: %v\n", ignored(syscall.SIGHUP), ignored(syscall.SIGTERM))
}

// A receiver that is another program, so that this also runs under an emulator
// for another architecture: SIGUSR1 ends sleep(1), before and after To.
func TestOtherProgram(t *testing.T) {
	if err := Hold(); err != nil {
		t.Fatal(err)
	}
	for _, early := range []bool{false, true} {
		target, pending = -1, 0
		cmd := exec.Command("/bin/sleep", "20")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		const pidfdOpen = 434
		pidfd, _, errno := syscall.RawSyscall(pidfdOpen, uintptr(cmd.Process.Pid), 0, 0)
		if errno != 0 {
			t.Fatal(errno)
		}
		if early {
			syscall.Kill(os.Getpid(), syscall.SIGUSR1)
			time.Sleep(20 * time.Millisecond)
			To(int(pidfd))
		} else {
			To(int(pidfd))
			syscall.Kill(os.Getpid(), syscall.SIGUSR1)
		}
		cmd.Wait()
		if s := cmd.ProcessState.String(); s != "signal: user defined signal 1" {
			t.Errorf("early %v: %s", early, s)
		}
		syscall.Close(int(pidfd))
	}
}
