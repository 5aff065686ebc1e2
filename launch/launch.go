package launch

import (
	"os"
	"syscall"

	"github.com/keg-project/keg/cgroup"
	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/plan"
	"github.com/keg-project/keg/program"
)

// Env is what a launch needs beside the plan.
type Env struct {
	Dir       *os.File       // the container's state directory
	Cgroup    *cgroup.Cgroup // nil: the caller's
	Pidfd     *os.File       // for plans that join a container: its init
	Root      *os.File       // and that init's root directory, where the plan asks for it
	Stdio     []*os.File     // instead of keg's own
	StartFIFO *os.File       // for plans that wait
	ExecFIFO  *os.File
	Console   func(master *os.File) error            // takes the container's terminal, for plans that make one
	Listener  func(listener *os.File, pid int) error // passes on the listener of the process's seccomp filter; nil: it has none
	UID       int                                    // of the container's user, whose home is looked up
	Born      func(pid int) error                    // called once the process's pid is known, before it may go on; nil: nobody asks
	Waiting   func() error                           // asked now and then while the process keeps keg waiting: an error ends it; nil: nobody asks
	Hooks     func(plan.Action) error                // runs the hooks of that action while the init waits
	Phase     func(name string)                      // called when a phase begins; nil: nobody asks
}

// launching is a launch under way.
type launching struct {
	plan   *plan.Plan
	env    Env
	linked *program.Linked
	files  []*os.File // that the first process inherits, by its number; nil: keg's own of that number
	close  []*os.File
	ours   *os.File // keg's end of the handshake's socket
	init   Init     // the stage, until it has named the init

	copyUps int // that were asked for
}

// Launch makes the container's processes and returns when its program runs,
// or waits for start. After an error no process is left.
func Launch(p *plan.Plan, env Env) (*Init, error) {
	if env.Phase == nil {
		env.Phase = func(string) {}
	}
	l := &launching{plan: p, env: env}
	defer l.closeFiles()
	if err := l.prepare(); err != nil {
		return nil, err
	}
	env.Phase("clone")
	if err := l.clone(); err != nil {
		return nil, err
	}
	if err := l.accompany(); err != nil {
		l.kill()
		return nil, err
	}
	return &l.init, nil
}

// prepare links the program and opens what the first process inherits.
func (l *launching) prepare() (err error) {
	l.env.Phase("link")
	if l.linked, err = l.plan.Program.Link(l.plan.SyncFD); err != nil {
		return err
	}
	var theirs *os.File
	if l.ours, theirs, err = linux.SocketPair(); err != nil {
		return err
	}
	l.close = append(l.close, l.ours, theirs)
	l.files = make([]*os.File, len(l.plan.FDs))
	for i, fd := range l.plan.FDs {
		if l.files[i], err = l.open(i, fd, theirs); err != nil {
			return fieldError(fd.Field, err)
		}
	}
	return nil
}

// kill ends what a failed launch has made. A child that a stage has cloned and
// not named yet ends by itself: keg's end of the socket is closed.
func (l *launching) kill() { l.end(l.init) }

// end kills a child and reaps it.
func (l *launching) end(child Init) {
	defer syscall.Close(child.pidfd)
	linux.PidfdSignal(child.pidfd, syscall.SIGKILL)
	if l.env.Cgroup != nil && linux.PidfdWait(child.pidfd, patience) != nil {
		l.env.Cgroup.LeaveFreezer(child.Pid)
	}
	if linux.PidfdWait(child.pidfd, killTimeout) != nil {
		return // it ends when whatever holds it in the kernel does
	}
	linux.Wait(child.Pid)
}
