package service

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/keg-project/keg/boot/reap"
)

// privateName is a directory in the run directory. No container has such a name,
// where that is their state directory as well.
const privateName = ".boot"

// recordName is the file of a service's record.
const recordName = "record.json"

// recordsName is the directory of what package bundle keeps of mounts: they stay
// when the supervisor ends, where they are not below a bundle.
const recordsName = "mounts"

// Options are where a supervisor finds its services, and where it works.
type Options struct {
	Tree     string   // the directory of the bundles
	Root     string   // the containers' state directory
	Flags    []string // global flags of keg's for create
	RunDir   string   // of the control socket, and of what a later supervisor needs
	LogDir   string
	External string // the external logging socket; used where it exists

	Reaper *reap.Reaper
	Tried  func()                           // called once, when each service runs or has failed; nil: nobody waits
	Say    func(format string, args ...any) // a line to the console
}

// Supervisor keeps the services of a tree. All that changes it happens in one
// goroutine, which runs what the others put into events.
type Supervisor struct {
	o        Options
	boot     string
	dir      *os.File // below RunDir, root's alone; locked
	control  *control
	services []*service
	before   map[string][]string // who comes after each
	unlogged unlogged
	events   chan func()
	down     bool
	finished chan struct{} // closed at the end, when nothing is answered any more
	ending   []chan Answer // to who has asked for the end
}

// NotClean is the error of a supervisor that has ended as it was told to, with
// all services: something that it wanted to remove is left.
type NotClean struct{ Err error }

func (e *NotClean) Error() string { return "all services have ended, but: " + e.Err.Error() }
func (e *NotClean) Unwrap() error { return e.Err }

// New reads the tree and takes hold of the run directory. What is wrong with
// one service keeps no other from running.
func New(o Options) (*Supervisor, error) {
	s := &Supervisor{o: o, events: make(chan func(), 16), finished: make(chan struct{})}
	var err error
	if s.boot, err = bootID(); err != nil {
		return nil, err
	}
	if err := s.takeHold(); err != nil {
		return nil, err
	}
	if err := s.read(); err != nil {
		s.dir.Close()
		return nil, err
	}
	return s, nil
}

// takeHold locks the run directory: two supervisors would restart each other's
// services.
func (s *Supervisor) takeHold() error {
	if err := os.MkdirAll(s.o.RunDir, 0o711); err != nil {
		return err
	}
	path := filepath.Join(s.o.RunDir, privateName)
	if err := os.Mkdir(path, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	dir, err := os.OpenFile(path, os.O_RDONLY|syscall.O_DIRECTORY|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return err
	}
	err = syscall.Flock(int(dir.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == syscall.EWOULDBLOCK {
		err = errors.New("another supervisor is running there")
	}
	if err != nil {
		dir.Close()
		return fmt.Errorf("%s: %w", s.o.RunDir, err)
	}
	s.dir = dir
	return nil
}

// Run starts the services, keeps them until a signal comes, and stops them.
func (s *Supervisor) Run(stop <-chan os.Signal) error {
	defer s.dir.Close()
	var err error
	if s.control, err = listenControl(s.dir, s.o.RunDir); err != nil {
		return err
	}
	s.beginAll()
	go s.control.serve(s.answer, func(err error) { s.o.Say("services: %v", err) })
	for !s.down || slices.ContainsFunc(s.services, func(v *service) bool { return !v.life.State.resting() }) {
		select {
		case event := <-s.events:
			event()
		case <-stop:
			stop = nil
			s.down = true
			s.stopNext()
		}
	}
	err = s.end()
	s.farewell(err)
	return err
}

// beginAll takes all services up before anything happens to one: what happens to
// one may be another's turn.
func (s *Supervisor) beginAll() {
	var next []func()
	for _, v := range s.services {
		do, err := s.begin(v)
		if err != nil {
			v.broken = true
			v.complain(err)
			s.o.Say("service %s: %v", v.name, err)
		}
		if v.broken && !v.life.State.up() {
			v.life = life{State: Failed, Since: time.Now(), Tried: true}
		}
		next = append(next, do)
	}
	for _, do := range next {
		if do != nil {
			do()
		}
	}
	s.release()
}

// end leaves nothing: the next supervisor begins anew.
func (s *Supervisor) end() error {
	errs := []error{s.control.Close()}
	for _, v := range s.services {
		errs = append(errs, s.clearRest(v), v.close())
	}
	if err := errors.Join(errs...); err != nil {
		return &NotClean{err}
	}
	return nil
}

// farewell answers those who have asked for the end, and who still asks.
func (s *Supervisor) farewell(err error) {
	var a Answer
	if err != nil {
		a.Error = err.Error()
	}
	for _, reply := range s.ending {
		reply <- a
	}
	close(s.finished)
	s.control.flush()
}

// do runs f in the supervisor's goroutine, sooner or later.
func (s *Supervisor) do(f func()) { s.events <- f }

// happen lets something happen to a service, and does what follows.
func (s *Supervisor) happen(v *service, e event) {
	was := v.life
	now := time.Now()
	v.clearing = v.clearing && e.Kind != ended
	next, action := was.on(v.config, e, now)
	v.life = next
	s.keep(v)
	s.tell(v, was)
	v.setTimer(func() { s.do(func() { s.fire(v) }) })
	s.act(v, action)
	v.answer()
	if s.down {
		s.stopNext()
	}
	s.release()
}

// fire: the timer may have been set anew since it went off.
func (s *Supervisor) fire(v *service) {
	if d := v.life.Deadline; !d.IsZero() && !time.Now().Before(d) {
		s.happen(v, event{Kind: timerFired})
	}
}

// keep writes down what a supervisor after this one has to know.
func (s *Supervisor) keep(v *service) {
	r := record{Boot: s.boot, Life: v.life, External: v.external()}
	if err := r.write(v.path(recordName)); err != nil {
		s.o.Say("service %s: %v", v.name, err)
	}
}

// tell says what a person at the console wants to know.
func (s *Supervisor) tell(v *service, was life) {
	l := v.life
	if l.State == was.State {
		return
	}
	switch l.State {
	case Running, Ready:
		s.o.Say("service %s: %s, pid %d", v.name, l.State, l.Pid)
	case BackingOff:
		s.o.Say("service %s: %s; it is started again in %s", v.name, l.Last, l.Deadline.Sub(l.Since))
	case Failed:
		s.o.Say("service %s: failed: %s", v.name, l.Last)
	case Stopped:
		if l.Last == nil {
			s.o.Say("service %s: stopped", v.name)
			return
		}
		s.o.Say("service %s: stopped: %s", v.name, l.Last)
	}
}

func (s *Supervisor) act(v *service, a action) {
	switch a {
	case launch:
		s.launch(v)
	case terminate:
		if deaf(v.life.Pid, v.config.StopSignal) {
			s.signal(v, syscall.SIGKILL, true)
			return
		}
		s.signal(v, v.config.StopSignal, false)
	case kill:
		if v.giveUp != nil {
			v.giveUp()
		}
		if !v.life.Launching {
			s.signal(v, syscall.SIGKILL, true)
		}
	}
}

// release lets those start whose turn it is.
func (s *Supervisor) release() {
	if s.o.Tried != nil && !slices.ContainsFunc(s.services, func(v *service) bool { return !v.life.Tried }) {
		s.o.Tried()
		s.o.Tried = nil
	}
	if s.down {
		return
	}
	for _, v := range s.services {
		if v.life.State == Waiting && !slices.ContainsFunc(v.after, func(name string) bool { return !s.find(name).life.Tried }) {
			s.happen(v, event{Kind: itsTurn})
		}
	}
}

// stopNext stops those that nothing comes after which still runs.
func (s *Supervisor) stopNext() {
	for _, v := range s.services {
		if v.life.State.resting() || v.asked {
			continue
		}
		if slices.ContainsFunc(s.before[v.name], func(name string) bool { return !s.find(name).life.State.resting() }) {
			continue
		}
		v.asked = true
		s.happen(v, event{Kind: stop})
	}
}

func (s *Supervisor) find(name string) *service {
	i := slices.IndexFunc(s.services, func(v *service) bool { return v.name == name })
	if i < 0 {
		return nil
	}
	return s.services[i]
}
