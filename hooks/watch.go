package hooks

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/linux"
)

func timeout(h *oci.Hook) time.Duration {
	if h.Timeout == nil {
		return 0
	}
	const most = 100 * 365 * 24 * 3600 // beyond, the product would overflow
	return time.Duration(min(*h.Timeout, most)) * time.Second
}

// watch is a hook that runs, from its start to its end.
type watch struct {
	Process
	*streams
	timeout time.Duration // 0: none
	waiting func() error
}

// patience is how long nobody asks whether to go on waiting.
const patience = 200 * time.Millisecond

// killTimeout bounds the wait for a killed hook: the kernel ends it once it
// leaves an uninterruptible sleep.
const killTimeout = 10 * time.Second

// untilEnd feeds and drains the hook until it has ended. Its own end counts,
// not that of its streams, which its children may hold.
func (w *watch) untilEnd() error {
	defer syscall.Close(w.Pidfd)
	var deadline time.Time
	if w.timeout > 0 {
		deadline = time.Now().Add(w.timeout)
	}
	err := w.serve(deadline)
	late := errors.Is(err, os.ErrDeadlineExceeded)
	if late {
		err = fmt.Errorf("timed out after %d s", w.timeout/time.Second)
	}
	if err != nil {
		w.waiting = nil
		killSession(w.Process)
		if w.serve(time.Now().Add(killTimeout)) != nil {
			return fmt.Errorf("%w, and cannot be killed", err)
		}
	}
	status := linux.Wait(w.Pid) // later than its end, while a tracer (strace -f) has not taken note of that
	switch {
	case err != nil:
		return err
	case status.Signaled():
		return fmt.Errorf("killed by signal %d (%v)", status.Signal(), status.Signal())
	case status.ExitStatus() != 0:
		return fmt.Errorf("exit status %d", status.ExitStatus())
	}
	return nil
}

func (w *watch) serve(deadline time.Time) error {
	for {
		fds := [3]linux.PollFD{
			{Fd: int32(w.Pidfd), Events: linux.POLLIN}, {Fd: int32(w.stdin), Events: linux.POLLOUT}, {Fd: int32(w.out), Events: linux.POLLIN},
		}
		if err := w.poll(fds[:], deadline); err != nil {
			return err
		}
		if fds[1].Revents != 0 {
			w.send()
		}
		if fds[2].Revents != 0 || fds[0].Revents != 0 && w.out >= 0 {
			w.receive()
		}
		if fds[0].Revents != 0 {
			return nil
		}
		if !deadline.IsZero() && time.Now().After(deadline) { // a stream may be ready all the time
			return os.ErrDeadlineExceeded
		}
	}
}

// poll waits until a stream is ready or the hook has ended.
func (w *watch) poll(fds []linux.PollFD, deadline time.Time) error {
	for w.waiting != nil {
		soon := time.Now().Add(patience)
		if !deadline.IsZero() && soon.After(deadline) {
			break
		}
		err := linux.Poll(fds, soon)
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			return err
		}
		if err := w.waiting(); err != nil {
			return err
		}
	}
	return linux.Poll(fds, deadline)
}
