package launch

import (
	"errors"
	"os"
	"strconv"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/plan"
)

// answer does what the init asks for, with the descriptors that it sent.
func (l *launching) answer(m message) error {
	if m.data[0] == plan.MsgConsole && len(m.fds) == 1 {
		return l.console(os.NewFile(uintptr(m.fds[0]), "/dev/ptmx"))
	}
	files := make([]*os.File, len(m.fds))
	for i, fd := range m.fds {
		files[i] = os.NewFile(uintptr(fd), "request")
		defer files[i].Close()
	}
	switch {
	case m.data[0] == plan.MsgHome && len(files) == 1:
		home, err := homeOf(files[0], l.env.UID)
		if err != nil {
			return fieldError("process.env", err)
		}
		return l.reply(home, plan.HomeSize)
	case m.data[0] == plan.MsgListener && len(files) == 1 && l.env.Listener != nil:
		l.env.Phase("seccomp listener")
		if err := l.env.Listener(files[0], l.init.Pid); err != nil {
			return err
		}
		return l.letGo()
	case m.data[0] == plan.MsgCopyUp && len(files) == 2 && l.copyUps < len(l.plan.CopyUps):
		l.env.Phase("copy up")
		if err := copyUp(files[0], files[1]); err != nil {
			return fieldError(l.plan.CopyUps[l.copyUps], err)
		}
		l.copyUps++
		return l.letGo()
	}
	return errors.New("keg's own fault, please report it: the init asked for something unknown")
}

// reply answers with text, in as many bytes as the init reads.
func (l *launching) reply(text string, size int) error {
	p := make([]byte, size)
	copy(p, text)
	return l.send(p)
}

// tellPid answers with the pid by which the init knows itself.
func (l *launching) tellPid() error {
	pid, err := linux.InnerPid(l.init.Pid)
	if err != nil {
		return fieldError("LISTEN_PID", err)
	}
	return l.reply(strconv.Itoa(pid), plan.PidSize)
}

// console gives the container's terminal away.
func (l *launching) console(master *os.File) error {
	if l.env.Console == nil {
		master.Close()
		return errors.New("keg's own fault, please report it: the init made a terminal that nobody takes")
	}
	if err := l.env.Console(master); err != nil {
		return fieldError("process.terminal", err)
	}
	return l.letGo()
}
