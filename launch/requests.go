package launch

import (
	"bytes"
	"errors"
	"io"
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
		reply := make([]byte, plan.HomeSize)
		copy(reply, home)
		return l.send(reply)
	case m.data[0] == plan.MsgListener && len(files) == 1 && l.env.Listener != nil:
		l.env.Phase("seccomp listener")
		if err := l.env.Listener(files[0], l.init.Pid); err != nil {
			return err
		}
		return l.send([]byte{plan.MsgGo})
	case m.data[0] == plan.MsgCopyUp && len(files) == 2 && l.copyUps < len(l.plan.CopyUps):
		l.env.Phase("copy up")
		if err := copyUp(files[0], files[1]); err != nil {
			return fieldError(l.plan.CopyUps[l.copyUps], err)
		}
		l.copyUps++
		return l.send([]byte{plan.MsgGo})
	}
	return errors.New("keg's own fault, please report it: the init asked for something unknown")
}

// tellPid answers with the pid by which the init knows itself: the last of
// those that it has, each in a pid namespace below that of the one before.
// NSpid in proc_pid_status(5)
func (l *launching) tellPid() error {
	status, err := os.ReadFile("/proc/" + strconv.Itoa(l.init.Pid) + "/status")
	if err != nil {
		return fieldError("LISTEN_PID", err)
	}
	_, rest, _ := bytes.Cut(status, []byte("\nNSpid:"))
	line, _, _ := bytes.Cut(rest, []byte{'\n'})
	pids := bytes.Fields(line)
	if len(pids) == 0 {
		return fieldError("LISTEN_PID", errors.New("this kernel does not tell a process's pid in its namespace"))
	}
	reply := make([]byte, plan.PidSize)
	copy(reply, pids[len(pids)-1])
	return l.send(reply)
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
	return l.send([]byte{plan.MsgGo})
}

// maxPasswd bounds what is read of a container's passwd file.
const maxPasswd = 4 << 20

// homeOf is the user's home directory in a passwd file, "/" if it has none.
// passwd(5)
func homeOf(passwd *os.File, uid int) (string, error) {
	info, err := passwd.Stat()
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "/", nil
	}
	// Through a link of the image it may be /proc/kmsg, and what is read of
	// that the machine's log never gets.
	if kernels, err := linux.OfKernel(passwd); kernels || err != nil {
		return "/", err
	}
	text, err := io.ReadAll(io.LimitReader(passwd, maxPasswd))
	if err != nil {
		return "", &os.PathError{Op: "read", Path: "/etc/passwd", Err: errors.Unwrap(err)}
	}
	want := []byte(strconv.Itoa(uid))
	for line := range bytes.Lines(text) {
		fields := bytes.Split(bytes.TrimRight(line, "\n"), []byte{':'})
		if len(fields) >= 6 && bytes.Equal(fields[2], want) && validHome(fields[5]) {
			return string(fields[5]), nil
		}
	}
	return "/", nil
}

// validHome: what is not an absolute path of reasonable length is no home.
func validHome(p []byte) bool {
	return len(p) > 0 && p[0] == '/' && len(p) < plan.HomeSize && bytes.IndexByte(p, 0) < 0
}
