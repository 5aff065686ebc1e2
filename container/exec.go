package container

import (
	"errors"
	"io"
)

// ExecOptions say what runs in a running container, and how.
type ExecOptions struct {
	Process []byte        // JSON of the process (--process); nil: the container's own, with Changes
	Changes ProcessChange // is not for a Process that is given

	Cgroups       []string // "[CONTROLLER[,…]:]PATH" below the container's cgroup; none: where its init is now
	ConsoleSocket string   // whom a detached process's terminal is sent to; "" for none
	PidFile       string   // "" for none; relative to the caller's working directory
	PreserveFDs   int      // file descriptors beyond standard error, and beyond ListenFDs, that the process inherits
	ListenFDs     int      // file descriptors beyond standard error that the process takes as its sockets: sd_listen_fds(3)
	ListenNames   string   // their names, if they have any
	PidfdSocket   string   // path of the socket that a pidfd of the process is sent to; "" for none
	Detach        bool     // return once the program has started
	IgnorePaused  bool     // start it in a paused container: it runs when that is resumed

	Warn  func(format string, args ...any) // warnings, one line each; nil: none
	Trace io.Writer                        // where the timeline of the phases goes; nil: none
}

// Exec runs a process in the container and, unless o.Detach, waits for it. The
// status is the process's own, or 128+n for signal n.
func (c *Container) Exec(o ExecOptions) (status int, err error) {
	t := newTrace(o.Trace)
	defer t.end()
	t.phase("state")
	j, err := c.joining(&o)
	if err != nil {
		return 0, err
	}
	defer j.close()
	if j.receiver, err = dialPidfdSocket(o.PidfdSocket); err != nil {
		return 0, err
	}
	t.phase("plan")
	if j.process, err = execProcess(j.spec, &o); err != nil {
		return 0, err
	}
	if j.console, err = openConsole(j.process.Terminal, o.Detach, o.ConsoleSocket); err != nil {
		return 0, err
	}
	defer j.console.close()
	init, err := j.launch(&o, t.phase)
	if err != nil {
		return 0, err
	}
	if err := writePidFile(o.PidFile, init.Pid, c.id); err != nil {
		return 0, errors.Join(err, init.Kill())
	}
	if o.Detach {
		return 0, nil
	}
	defer j.console.end() // a panic must not leave the terminal raw
	if err := j.console.begin(init, j.dir.File()); err != nil {
		return 0, errors.Join(err, init.Kill())
	}
	t.phase("program")
	status = waitFor(init.Pid)
	return status, j.console.end()
}
