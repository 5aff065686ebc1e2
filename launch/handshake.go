package launch

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strconv"
	"syscall"
	"time"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/plan"
)

// message is one of the init's, or an end of file.
type message struct {
	data []byte
	fds  []int
}

func (l *launching) receive() (message, error) {
	if l.env.Waiting != nil {
		if _, err := l.await(-1); err != nil {
			return message{}, err
		}
	}
	buf := make([]byte, plan.HeadSize)
	n, fds, err := linux.Receive(int(l.ours.Fd()), buf)
	if errors.Is(err, syscall.ECONNRESET) {
		// The init died with a message of ours unread. That is told first, and
		// once; what it said before comes after it.
		n, fds, err = linux.Receive(int(l.ours.Fd()), buf)
	}
	return message{buf[:n], fds}, err
}

func (l *launching) send(p []byte) error {
	err := linux.Send(int(l.ours.Fd()), p)
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET) {
		return l.verdict() // the init has ended, and said why
	}
	return err
}

// letGo ends a wait of the init's.
func (l *launching) letGo() error { return l.send([]byte{plan.MsgGo}) }

// accompany does the host's steps and answers the init until its program runs
// or, for plans that wait, until it is ready.
func (l *launching) accompany() error {
	if l.plan.Maps != nil {
		l.env.Phase("id mappings")
		if err := l.maps(); err != nil {
			return err
		}
	}
	if l.plan.Staged {
		if err := l.adopt(); err != nil {
			return err
		}
	}
	l.env.Phase("host steps")
	if err := l.hostSteps(); err != nil {
		return l.cause(err)
	}
	if l.env.Born != nil {
		if err := l.env.Born(l.init.Pid); err != nil {
			return err
		}
	}
	if err := l.letGo(); err != nil {
		return err
	}
	l.env.Phase("init")
	return l.serve()
}

// maps writes the id mappings. In a stage the user namespace is there only
// once it says so.
func (l *launching) maps() error {
	if l.plan.Staged {
		if err := l.expect(plan.MsgUnshared); err != nil {
			return err
		}
	}
	if err := writeMaps(l.init.Pid, l.plan.Maps); err != nil {
		return l.cause(err)
	}
	return l.letGo()
}

// cause is why a step of the host failed: the init's own end, if it was no longer
// there to be worked on. One that is about to end has lost its files in /proc.
func (l *launching) cause(err error) error {
	ended := linux.PidfdWait(l.init.pidfd, 100*time.Millisecond) == nil
	linux.PidfdSignal(l.init.pidfd, syscall.SIGKILL) // or the wait for its message has no end
	m, failed := l.receive()
	if failed == nil && (ended || len(m.data) >= 8) {
		return l.failure(m)
	}
	return err
}

func (l *launching) expect(kind byte) error {
	m, err := l.receive()
	if err != nil {
		return err
	}
	if len(m.data) == 1 && m.data[0] == kind {
		return nil
	}
	return l.failure(m)
}

// adopt takes the init that the stage has cloned: it is keg's child.
func (l *launching) adopt() error {
	// The init has the socket too: a stage that is killed before it names the
	// init leaves no end of file, only an init that waits for keg.
	told, err := l.await(l.init.pidfd)
	if err != nil {
		return err
	}
	if !told {
		return l.died()
	}
	m, err := l.receive()
	if err != nil {
		return err
	}
	if len(m.data) != 9 || m.data[0] != plan.MsgPid {
		return l.failure(m)
	}
	// Its pid cannot be another's: only keg can reap it.
	pid := int(binary.NativeEndian.Uint64(m.data[1:]))
	pidfd, err := linux.PidfdOpen(pid)
	if err != nil {
		return err
	}
	stage := l.init
	l.init = Init{Pid: pid, pidfd: pidfd}
	// It has nothing left to do but to end; frozen before, it never would.
	if linux.PidfdWait(stage.pidfd, patience) != nil {
		l.end(stage)
		return nil
	}
	linux.Wait(stage.Pid)
	syscall.Close(stage.pidfd)
	return nil
}

func (l *launching) hostSteps() error {
	entered := false
	for i := range l.plan.Host {
		if l.plan.Host[i].Action == plan.MoveDevice && !entered {
			if err := l.expect(plan.MsgEntered); err != nil {
				return err
			}
			entered = true
		}
		if err := l.hostStep(&l.plan.Host[i]); err != nil {
			return fieldError(l.plan.Host[i].Field, fmt.Errorf("%s: %w", l.plan.Host[i].Title, err))
		}
	}
	return nil
}

func (l *launching) hostStep(s *plan.HostStep) error {
	switch s.Action {
	case plan.OOMScore:
		err := os.WriteFile("/proc/"+strconv.Itoa(l.init.Pid)+"/oom_score_adj", strconv.AppendInt(nil, int64(s.Value), 10), 0)
		return hinted(err, plan.HintOOMScore)
	case plan.RaiseLimit:
		return hinted(linux.RaiseLimit(l.init.Pid, s.Limit.Resource, s.Limit.Hard), plan.HintRlimit)
	case plan.MoveDevice:
		return moveDevice(s.Name, s.NewName, l.init.Pid)
	}
	return nil // done before the clone, or elsewhere
}

// serve answers requests. An end of file is the execve's success, since the
// socket is closed by it, or the init's death.
func (l *launching) serve() error {
	ready := false
	for {
		m, err := l.receive()
		if err != nil {
			return err
		}
		switch {
		case len(m.data) == 0 && ready:
			return nil
		case len(m.data) == 1 && m.data[0] == plan.MsgReady:
			ready = true
			if l.env.StartFIFO != nil {
				return nil
			}
			if err := l.hooks(plan.StartHooks); err != nil {
				return err
			}
		case len(m.data) == 1 && m.data[0] == plan.MsgMyPid:
			if err := l.tellPid(); err != nil {
				return err
			}
		case len(m.data) == 1 && m.data[0] == plan.MsgHooks:
			if err := l.hooks(plan.CreateHooks); err != nil {
				return err
			}
		case len(m.data) == 1 && m.data[0] == plan.MsgChild && len(m.fds) == 1:
			l.init.child = m.fds[0]
		case len(m.data) == 1 && len(m.fds) > 0:
			if err := l.answer(m); err != nil {
				return err
			}
		default:
			return l.failure(m)
		}
	}
}

// hooks runs the hooks that the init waits for, and lets it go on.
func (l *launching) hooks(when plan.Action) error {
	if !l.plan.HasStep(when) {
		return nil
	}
	l.env.Phase("hooks")
	if err := l.env.Hooks(when); err != nil {
		return err
	}
	return l.letGo()
}

// verdict is why the init ended.
func (l *launching) verdict() error {
	for {
		m, err := l.receive()
		if err != nil {
			return err
		}
		if len(m.data) != 1 {
			return l.failure(m)
		}
	}
}

// failure turns the init's last message into an error that names the step.
func (l *launching) failure(m message) error {
	var head []byte
	if len(m.data) == plan.HeadSize {
		head = m.data
		next, err := l.receive()
		if err != nil {
			return err
		}
		m = next
	}
	if len(m.data) != 8 {
		return l.died()
	}
	return l.plan.Failure(l.linked, m.data, head)
}

// ErrEnded is an init, or a process that was to join a container, that ended
// without a word.
var ErrEnded = errors.New("before its program ran")

// died reports it.
func (l *launching) died() error {
	who := "the container's init"
	if l.plan.Joins {
		who = "the process"
	}
	status := linux.Wait(l.init.Pid)
	if status.Signaled() && status.Signal() == syscall.SIGSYS {
		return fmt.Errorf("linux.seccomp: %s was killed by the filter (signal %d, %v) %w", who, status.Signal(), status.Signal(), ErrEnded)
	}
	if status.Signaled() && status.Signal() == syscall.SIGKILL && l.env.Cgroup.OutOfMemory() {
		return fieldError(memoryField, fmt.Errorf("%s was killed %w, since it needs more memory", who, ErrEnded))
	}
	if status.Signaled() {
		return fmt.Errorf("%s was killed by signal %d (%v) %w", who, status.Signal(), status.Signal(), ErrEnded)
	}
	return fmt.Errorf("%s ended with status %d %w", who, status.ExitStatus(), ErrEnded)
}
