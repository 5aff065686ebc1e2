package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"
)

// launcher starts processes and times them. It is the same few calls for every
// contender: vfork, execve, wait.
type launcher struct {
	null  *os.File
	errs  *os.File // standard error of all of them; read only after a failure
	env   []string
	files []uintptr
}

const prSetChildSubreaper = 36

func newLauncher(errs string) (*launcher, error) {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	file, err := os.OpenFile(errs, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	// The inits of created containers become children of this process, and
	// their end can be waited for.
	if _, _, errno := syscall.Syscall(syscall.SYS_PRCTL, prSetChildSubreaper, 1, 0); errno != 0 {
		return nil, os.NewSyscallError("prctl", errno)
	}
	l := &launcher{null: null, errs: file, env: []string{"PATH=" + os.Getenv("PATH"), "HOME=/root"}}
	l.files = []uintptr{null.Fd(), null.Fd(), file.Fd()}
	return l, nil
}

// run returns the time from before the fork until after the wait.
func (l *launcher) run(argv ...string) (time.Duration, error) {
	attr := syscall.ProcAttr{Env: l.env, Files: l.files}
	if err := l.errs.Truncate(0); err != nil {
		return 0, err
	}
	start := time.Now()
	pid, err := syscall.ForkExec(argv[0], argv, &attr)
	if err != nil {
		return 0, &os.PathError{Op: "exec", Path: argv[0], Err: err}
	}
	status, err := wait(pid)
	took := time.Since(start)
	if err != nil {
		return 0, err
	}
	if status != 0 {
		return 0, fmt.Errorf("exit status %d%s", status, l.complaint())
	}
	return took, nil
}

// complaint is the first line that the process wrote to standard error.
func (l *launcher) complaint() string {
	text := make([]byte, 4096)
	n, _ := l.errs.ReadAt(text, 0) // io.EOF is the usual end
	line, _, _ := strings.Cut(strings.TrimSpace(string(text[:n])), "\n")
	if line == "" {
		return ""
	}
	return ": " + line
}

func wait(pid int) (int, error) {
	var ws syscall.WaitStatus
	for {
		_, err := syscall.Wait4(pid, &ws, 0, nil)
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if ws.Signaled() {
			return 128 + int(ws.Signal()), err
		}
		return ws.ExitStatus(), err
	}
}

// reap collects what else has ended; zombies would slow down what follows.
func reap() {
	for {
		pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil)
		if pid <= 0 || err != nil && !errors.Is(err, syscall.EINTR) {
			return
		}
	}
}
