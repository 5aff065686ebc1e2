package service

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/keg-project/keg/boot/bundle"
	"github.com/keg-project/keg/boot/reap"
	"github.com/keg-project/keg/container"
)

// launch starts the service, and watches it until it has ended.
func (s *Supervisor) launch(v *service) {
	v.says, v.left = "", nil
	unread := s.openStreams(v, false)
	notify := s.listen(v)
	var ctx context.Context
	ctx, v.giveUp = context.WithCancel(context.Background())
	go func() {
		child, err := (*reap.Child)(nil), unread
		if err == nil {
			child, err = s.start(ctx, v, notify)
		}
		if err != nil {
			why := strings.TrimPrefix(err.Error(), v.bundle.Title+": ") // the service is named anyway
			v.streams[1].note(why)
			s.do(func() { s.happen(v, event{Kind: launchFailed, Exit: Exit{Error: why, At: time.Now()}}) })
			return
		}
		s.do(func() { s.happen(v, event{Kind: launched, Pid: child.Pid}) })
		s.over(ctx, v, exitOf(child.Wait(), time.Now()))
	}()
}

// over removes what is left of a container, and then tells of its end: the next
// one of the name can be made.
func (s *Supervisor) over(ctx context.Context, v *service, exit Exit) {
	s.do(func() { v.clearing = true })
	err := s.clear(ctx, v)
	if err != nil {
		s.o.Say("service %s: %v", v.name, err)
	}
	s.do(func() {
		v.left = err
		s.happen(v, event{Kind: ended, Exit: exit})
	})
}

// clearRest removes in the end what could not be removed before: of a container that
// has not died in time, or has failed to be made. It does not touch one that somebody
// else has started from the bundle since.
func (s *Supervisor) clearRest(v *service) error {
	info, err := s.info(v)
	if info == nil || err != nil || info.Bundle != v.bundle.Dir || info.Status == container.Running || info.Status == container.Paused {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), v.config.Grace)
	defer cancel()
	if err := s.clear(ctx, v); err != nil {
		return fmt.Errorf("service %s: %w", v.name, err)
	}
	return nil
}

// listen makes the socket that the service says READY=1 to. Its path stays in
// the supervisor: the container has the socket itself.
func (s *Supervisor) listen(v *service) string {
	if !v.config.Notify {
		return ""
	}
	if v.notify != nil {
		v.notify.Close()
		v.notify = nil
	}
	dir, err := os.Open(v.dir)
	if err == nil {
		defer dir.Close()
		v.notify, err = listenNotify(dir, "notify")
	}
	if err != nil {
		s.o.Say("service %s: NOTIFY_SOCKET: %v", v.name, err)
		return ""
	}
	socket := v.notify
	go hear(socket, func(n notification) {
		s.do(func() { s.heard(v, socket, n) })
	})
	return v.path("notify")
}

// heard: what an earlier container has said is over.
func (s *Supervisor) heard(v *service, socket *os.File, n notification) {
	if v.notify != socket {
		return
	}
	if n.Status != nil {
		v.says = *n.Status
	}
	if n.Ready && v.life.State == Starting { // it may say so as often as it likes
		s.happen(v, event{Kind: heardReady})
	}
}

func (s *Supervisor) start(ctx context.Context, v *service, notify string) (*reap.Child, error) {
	if err := s.mine(v); err != nil {
		return nil, err
	}
	var ends [2]*os.File
	for i, st := range v.streams {
		f, err := st.end()
		if err != nil {
			return nil, err
		}
		defer f.Close()
		ends[i] = f
	}
	l := bundle.Launcher{Reaper: s.o.Reaper, Root: s.o.Root, Records: filepath.Join(s.dir.Name(), recordsName), Flags: s.o.Flags, Say: s.o.Say}
	r, err := l.Launch(ctx, v.bundle, bundle.Process{ID: v.name, Stdout: ends[0], Stderr: ends[1], Env: environment(os.Environ(), notify)})
	if err != nil {
		return nil, err
	}
	return r.Child, nil
}

// environment is of the keg that creates the container. What the supervisor's own
// parent has put there for the supervisor is not for its services. sd_notify(3),
// sd_listen_fds(3)
func environment(own []string, notify string) []string {
	const socket = "NOTIFY_SOCKET="
	env := slices.DeleteFunc(slices.Clone(own), func(v string) bool {
		return strings.HasPrefix(v, socket) || strings.HasPrefix(v, "LISTEN_") || strings.HasPrefix(v, "WATCHDOG_")
	})
	if notify != "" {
		env = append(env, socket+notify)
	}
	return env
}

// mine refuses to remove a container of this name that is another's.
func (s *Supervisor) mine(v *service) error {
	info, err := s.info(v)
	if err != nil || info == nil || info.Bundle == v.bundle.Dir {
		return err
	}
	return fmt.Errorf("a container of this name exists, of another bundle: %s", info.Bundle)
}

// clear removes the service's container, with what may still run in it, and
// leaves what was made around it for the next.
func (s *Supervisor) clear(ctx context.Context, v *service) error {
	// What a poststop hook starts is waited for by who started it.
	defer s.o.Reaper.Expect().Close()
	ctr, err := container.Load(s.o.Root, v.name)
	if err == nil {
		ctr.Warn = func(format string, args ...any) { s.o.Say("service "+v.name+": "+format, args...) }
		ctr.Waiting = bundle.Patient(ctx)
		err = ctr.Delete(true)
	}
	if errors.Is(err, container.ErrNotExist) {
		return nil
	}
	return err
}

// signal signals a service's process, or all of its container. It is not waited
// for: another command may hold the container's lock. The process is signalled
// by itself in any case: it may have left the container's cgroups, or have none.
func (s *Supervisor) signal(v *service, sig syscall.Signal, all bool) {
	init := v.life.Pid // the service's next one may be there before the signal
	go func() {
		if all {
			s.signalOnce(v, init, sig, true)
		}
		s.signalOnce(v, init, sig, false)
	}()
}

func (s *Supervisor) signalOnce(v *service, init int, sig syscall.Signal, all bool) {
	ctr, err := container.Load(s.o.Root, v.name)
	if err == nil {
		ctr.Init = init
		err = ctr.Signal(sig, all)
	}
	if err != nil && !errors.Is(err, container.ErrNotExist) && !errors.Is(err, container.ErrNotRunning) {
		s.o.Say("service %s: %v", v.name, err)
	}
}
