package service

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
	"time"

	"github.com/keg-project/keg/container"
	"github.com/keg-project/keg/linux"
)

// reapPatience is how long the parent of an adopted service may take to reap it: on
// a machine under load it may be late, and what it does not tell is not known.
const reapPatience = 10 * time.Second

// begin takes a service up: a new one, or one of a supervisor that was killed.
// What that was at goes on with next.
func (s *Supervisor) begin(v *service) (next func(), err error) {
	if err := os.Mkdir(v.dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return nil, err
	}
	old, err := readRecord(v.path(recordName), s.boot)
	if err != nil {
		s.o.Say("service %s: %v", v.name, err) // then it is as if there were none
	}
	f, pid, pidfd, err := s.look(v)
	if err != nil {
		return nil, err
	}
	var e *event
	v.life, e = resume(v.config, old, f, pid, time.Now())
	var ctx context.Context
	ctx, v.giveUp = context.WithCancel(context.Background())
	if f == alive {
		s.o.Say("service %s: found again, pid %d", v.name, pid)
		go s.watch(ctx, v, pidfd)
	}
	if err := s.openStreams(v, f == alive && old != nil && old.External); err != nil {
		s.o.Say("service %s: %v", v.name, err) // what is in the FIFO waits for its next start
	}
	if e != nil && (f == over || f == halfMade) {
		v.clearing = true
		return func() {
			s.keep(v)
			v.setTimer(func() { s.do(func() { s.fire(v) }) })
			go s.over(ctx, v, e.Exit)
		}, nil
	}
	return func() { s.resumed(v, e) }, nil
}

// openStreams has the service's output read, as far as it is not. taken: by the
// logging socket's reader, who has got it from a supervisor before this one.
func (s *Supervisor) openStreams(v *service, taken bool) error {
	for _, st := range v.streams {
		if st.read() {
			continue
		}
		if err := st.make(); err != nil {
			return err
		}
		if st.external = taken || s.hand(v, st); st.external {
			continue
		}
		tell := func(trouble error, over bool) { s.logTrouble(v, st, trouble, over) }
		if err := st.log(v.config, tell); err != nil {
			return err
		}
	}
	return nil
}

// hand tells whether who logs for the machine has taken a stream. Files are
// better than nothing.
func (s *Supervisor) hand(v *service, st *stream) bool {
	err := st.hand(s.o.External)
	switch {
	case err == nil:
		return true
	case errors.Is(err, fs.ErrNotExist):
		return false
	case errors.Is(err, syscall.EAGAIN): // each of the others would wait as long
		s.o.External = ""
		err = fmt.Errorf("%w: nobody reads there; no service is logged there from now on", err)
	}
	s.o.Say("service %s: %v; its log is %s", v.name, err, st.file)
	return false
}

// resumed goes on with what the supervisor before this one was at.
func (s *Supervisor) resumed(v *service, e *event) {
	s.keep(v)
	v.setTimer(func() { s.do(func() { s.fire(v) }) })
	if v.life.State == Stopping && e == nil {
		s.act(v, terminate) // it may not have been sent
	}
	if e != nil {
		s.happen(v, *e)
	}
}

// look finds the service's container. Its pidfd is of the process that the state
// names: it was asked once more after the pidfd had it for good.
func (s *Supervisor) look(v *service) (f found, pid, pidfd int, err error) {
	info, err := s.info(v)
	if info == nil || err != nil || info.Bundle != v.bundle.Dir { // another's: start will say so
		return nothing, 0, -1, err
	}
	switch info.Status {
	case container.Running, container.Paused:
	case container.Created, container.Creating:
		return halfMade, 0, -1, nil
	default:
		return over, 0, -1, nil
	}
	pidfd, err = linux.PidfdOpen(info.Pid)
	if errors.Is(err, syscall.ESRCH) {
		return over, 0, -1, nil
	}
	if err != nil {
		return nothing, 0, -1, err
	}
	again, err := s.info(v)
	if err != nil || again == nil || again.Pid != info.Pid {
		syscall.Close(pidfd)
		return over, 0, -1, err
	}
	return alive, info.Pid, pidfd, nil
}

// info is nil where there is no such container.
func (s *Supervisor) info(v *service) (*container.Info, error) {
	ctr, err := container.Load(s.o.Root, v.name)
	if err == nil {
		var info container.Info
		if info, err = ctr.Info(); err == nil {
			return &info, nil
		}
	}
	if errors.Is(err, container.ErrNotExist) {
		return nil, nil
	}
	return nil, err
}

// watch waits for the end of a service that is not the supervisor's child.
func (s *Supervisor) watch(ctx context.Context, v *service, pidfd int) {
	defer syscall.Close(pidfd)
	s.over(ctx, v, endOf(pidfd))
}

// endOf waits for the end of a process, and until the kernel tells how it has ended.
func endOf(pidfd int) Exit {
	err := linux.Poll([]linux.PollFD{{Fd: int32(pidfd), Events: linux.POLLIN}}, time.Time{})
	at := time.Now()
	if err == nil {
		status, e := linux.PidfdExitStatus(pidfd, reapPatience)
		if e == nil {
			return exitOf(syscall.WaitStatus(status), at)
		}
		err = e
	}
	return Exit{Unknown: true, Error: err.Error(), At: at}
}
