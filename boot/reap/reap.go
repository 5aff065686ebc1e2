// Package reap waits for the children of a process that also inherits others':
// one that is PID 1, or a child subreaper.
//
// It is not for programs that wait for their children themselves, as os/exec
// does: in a process with a Reaper that works between Expect and Close alone.
package reap

import (
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"sync"
	"syscall"

	"github.com/keg-project/keg/linux"
)

// Reaper reaps every child that ends, and tells whoever asked for that child.
type Reaper struct {
	mu       sync.Mutex // held where a child is reaped, so that a pid is a child's as long as it is known
	children map[int]*Child
	open     int // expectations
	broken   func(error)
}

// New makes the process a child subreaper and begins to reap. A process has one
// Reaper, to its end. PR_SET_CHILD_SUBREAPER in prctl(2)
func New() (*Reaper, error) { return NewGuarded(nil) }

// NewGuarded is New for a process that must not end by a panic, as process 1: it
// is told of one, and reaping goes on.
func NewGuarded(broken func(error)) (*Reaper, error) {
	if err := linux.BecomeSubreaper(); err != nil {
		return nil, err
	}
	r := &Reaper{children: map[int]*Child{}, broken: broken}
	ended := make(chan os.Signal, 1) // one SIGCHLD may stand for many children
	signal.Notify(ended, syscall.SIGCHLD)
	go func() {
		for range ended {
			r.guardedReap()
		}
	}()
	r.reap() // what ended before
	return r, nil
}

func (r *Reaper) guardedReap() {
	if r.broken != nil {
		defer func() {
			if v := recover(); v != nil {
				r.broken(fmt.Errorf("panic: %v\n%s", v, debug.Stack()))
			}
		}()
	}
	r.reap()
}

// Start starts a program. The error is an *os.PathError.
func (r *Reaper) Start(path string, argv []string, attr *syscall.ProcAttr) (*Child, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	pid, err := syscall.ForkExec(path, argv, attr)
	if err != nil {
		return nil, &os.PathError{Op: "execve", Path: path, Err: err}
	}
	return r.add(pid), nil
}

func (r *Reaper) add(pid int) *Child {
	c := &Child{Pid: pid, reaper: r, done: make(chan struct{})}
	r.children[pid] = c
	return c
}

// reap takes what has ended. While something is expected, children that nobody
// asked for stay as they are: zombies, which keep their pids and statuses.
func (r *Reaper) reap() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.open == 0 {
		for {
			if took, _ := r.take(-1); !took {
				return
			}
		}
	}
	for pid := range r.children {
		r.take(pid)
	}
}

// take reaps a child that has ended, if there is one: of pid, or any with -1.
func (r *Reaper) take(pid int) (bool, error) {
	var status syscall.WaitStatus
	for {
		got, err := syscall.Wait4(pid, &status, syscall.WNOHANG, nil)
		if err == syscall.EINTR {
			continue
		}
		if err != nil || got == 0 {
			return false, err
		}
		if c := r.children[got]; c != nil {
			delete(r.children, got)
			c.status = status
			close(c.done)
		}
		return true, nil
	}
}

// Expectation is the time in which a child may come, and end, whose pid is not
// known yet; and in which other code may wait for children of its own.
type Expectation struct {
	reaper *Reaper
	once   sync.Once
}

// Expect leaves the children that nobody asked for alone until Close.
func (r *Reaper) Expect() *Expectation {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open++
	return &Expectation{reaper: r}
}

// Adopt asks for a child that the process has got by reparenting, and that may
// have ended already. The error is ECHILD if it has no such child.
func (e *Expectation) Adopt(pid int) (*Child, error) {
	if pid <= 0 { // any child, to wait4(2)
		return nil, os.NewSyscallError("wait4", syscall.ECHILD)
	}
	r := e.reaper
	r.mu.Lock()
	defer r.mu.Unlock()
	if c := r.children[pid]; c != nil { // who asked first waits, too
		return c, nil
	}
	c := r.add(pid)
	if _, err := r.take(pid); err != nil { // its SIGCHLD may have come before
		delete(r.children, pid)
		return nil, os.NewSyscallError("wait4", err)
	}
	return c, nil
}

// Close ends the expectation. Calling it again does nothing.
func (e *Expectation) Close() {
	e.once.Do(func() {
		e.reaper.mu.Lock()
		e.reaper.open--
		e.reaper.mu.Unlock()
		e.reaper.reap()
	})
}

// Child is one that somebody asked for.
type Child struct {
	Pid int

	reaper *Reaper
	done   chan struct{}
	status syscall.WaitStatus
}

// Done is closed when the child has ended and is reaped.
func (c *Child) Done() <-chan struct{} { return c.done }

// Status is how it ended: for after Done.
func (c *Child) Status() syscall.WaitStatus { return c.status }

// Wait waits for its end.
func (c *Child) Wait() syscall.WaitStatus {
	<-c.done
	return c.status
}

// Signal sends a signal to the child, never to another process that has got its
// pid since: then, the error is os.ErrProcessDone.
func (c *Child) Signal(s syscall.Signal) error {
	c.reaper.mu.Lock()
	defer c.reaper.mu.Unlock()
	select {
	case <-c.done:
		return os.ErrProcessDone
	default:
		return os.NewSyscallError("kill", syscall.Kill(c.Pid, s))
	}
}
