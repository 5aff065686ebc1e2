package linux

import (
	"bytes"
	"errors"
	"os"
	"strconv"
)

// Process is what proc_pid_stat(5) tells of a process, or of a thread.
type Process struct {
	Pid, Parent, Session int
	State                byte   // 'D': in a wait that no signal ends
	Flags                uint64 // PF_* of the kernel's
	Start                uint64 // in clock ticks since boot: with the pid its name for good
}

// Ended tells that it does nothing any more, though it may be there as a zombie.
func (p Process) Ended() bool { return p.State == 'Z' || p.State == 'X' }

// ProcStat reads the file of a process. The fields are counted from the last
// parenthesis, since the name before it is the process's to choose, and may have
// spaces and parentheses of its own.
func ProcStat(pid int) (Process, error) {
	name := "/proc/" + strconv.Itoa(pid) + "/stat"
	text, err := os.ReadFile(name)
	if err != nil {
		return Process{}, err
	}
	p := Process{Pid: pid}
	if err := p.parse(text[bytes.LastIndexByte(text, ')')+1:]); err != nil {
		return Process{}, &os.PathError{Op: "read", Path: name, Err: err}
	}
	return p, nil
}

// parse reads the fields from the third on.
func (p *Process) parse(fields []byte) (err error) {
	n := 2
	for field := range bytes.FieldsSeq(fields) {
		switch n++; n {
		case 3:
			p.State = field[0]
		case 4:
			p.Parent, err = strconv.Atoi(string(field))
		case 6:
			p.Session, err = strconv.Atoi(string(field))
		case 9:
			p.Flags, err = strconv.ParseUint(string(field), 10, 64)
		case 22:
			p.Start, err = strconv.ParseUint(string(field), 10, 64)
			return err
		}
		if err != nil {
			return err
		}
	}
	return errors.New("it ends before the time of the start")
}
