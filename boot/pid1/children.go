package pid1

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/keg-project/keg/boot/reap"
)

// self is keg's own program, whatever its name.
const self = "/proc/self/exe"

// start starts a program in a session of its own, with the console for its
// output.
func (p *process) start(path string, argv ...string) (*reap.Child, error) {
	return p.startWith(environment(os.Environ()), nil, path, argv...)
}

// startWith has another environment, and a file as descriptor 3.
func (p *process) startWith(env []string, third *os.File, path string, argv ...string) (*reap.Child, error) {
	files := []uintptr{p.null.Fd(), 1, 2}
	if third != nil {
		files = append(files, third.Fd())
	}
	attr := &syscall.ProcAttr{
		Dir:   "/",
		Env:   env,
		Files: files,
		Sys:   &syscall.SysProcAttr{Setsid: true},
	}
	c, err := p.reaper.Start(path, argv, attr)
	if errors.Is(err, syscall.ENOENT) {
		if _, missing := os.Stat(path); missing == nil {
			return nil, fmt.Errorf("%w (hint: the file is there, and the interpreter or ELF loader that it names is not)", err)
		}
	}
	if errors.Is(err, syscall.ENOEXEC) { // a script without #!, as execvp(3) runs it
		return p.reaper.Start(shell, append([]string{"sh", path}, argv[1:]...), attr)
	}
	return c, err
}

// environment is the kernel's, or the container's, with a PATH if it has none.
func environment(env []string) []string {
	for _, e := range env {
		if strings.HasPrefix(e, "PATH=") {
			return env
		}
	}
	return append(env, "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
}

// run runs a program to its end. An order is an end too: then the program runs
// on, for shutdown to end it.
func (p *process) run(path string, argv ...string) (order, error) {
	c, err := p.start(path, argv...)
	if err != nil {
		return none, err
	}
	select {
	case <-c.Done():
		return none, failure(c.Status())
	case o := <-p.orders:
		return o, nil
	}
}

// runFor is run with a time limit, for when orders count no more.
func (p *process) runFor(limit time.Duration, path string, argv ...string) error {
	c, err := p.start(path, argv...)
	if err != nil {
		return err
	}
	select {
	case <-c.Done():
		return failure(c.Status())
	case <-time.After(limit):
		_ = c.Signal(syscall.SIGKILL) // ErrProcessDone: just now
		return fmt.Errorf("ended after %v", limit)
	}
}

// failure is how a program has ended, if not well.
func failure(s syscall.WaitStatus) error {
	switch {
	case s.Signaled():
		return fmt.Errorf("ended by signal %d (%v)", int(s.Signal()), s.Signal())
	case s.ExitStatus() != 0:
		return fmt.Errorf("exit status %d", s.ExitStatus())
	}
	return nil
}
