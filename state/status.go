package state

import (
	"fmt"
	"slices"
)

// Status is a container's status as the runtime specification names it.
// https://github.com/opencontainers/runtime-spec/blob/main/runtime.md#state
type Status string

const (
	Creating Status = "creating"
	Created  Status = "created"
	Running  Status = "running"
	Paused   Status = "paused"
	Stopped  Status = "stopped"
)

// StartFIFO is what the init of a created container waits on; start removes
// it.
const StartFIFO = "start.fifo"

// Facts decide a container's status.
type Facts struct {
	Locked  bool   // a keg is at work on it
	Pid     int    // as recorded
	Alive   bool   // that process runs
	Frozen  bool   // by its cgroup
	Waiting bool   // StartFIFO exists
	Phase   Status // as recorded
}

// Status of a container with these facts. One that has no process yet, and
// that nobody works on any more, never came to be.
func (f Facts) Status() Status {
	switch {
	case f.Pid == 0 && f.Locked:
		return Creating
	case !f.Alive:
		return Stopped
	case f.Frozen:
		return Paused
	case f.Phase != "":
		return f.Phase
	case f.Waiting:
		return Created
	}
	return Running
}

// Operation is what a command does to a container.
type Operation string

const (
	Start       Operation = "start"
	Kill        Operation = "kill"
	KillAll     Operation = "kill --all"
	Delete      Operation = "delete"
	ForceDelete Operation = "delete -f"
	Exec        Operation = "exec"
	Pause       Operation = "pause"
	Resume      Operation = "resume"
	Update      Operation = "update"
	Ps          Operation = "ps"
	Measure     Operation = "measure"
	Checkpoint  Operation = "checkpoint"
)

// allowed says in which status an operation is.
// runtime-spec runtime.md#lifecycle; delete of a created container as in crun,
// kill --all and ps of a stopped one as in runc.
var allowed = [...]struct {
	op Operation
	in []Status
}{
	{Start, []Status{Created}},
	{Kill, []Status{Created, Running, Paused}},
	{KillAll, []Status{Created, Running, Paused, Stopped}},
	{Delete, []Status{Stopped, Created}},
	{ForceDelete, []Status{Creating, Created, Running, Paused, Stopped}},
	{Exec, []Status{Created, Running}},
	{Pause, []Status{Created, Running}},
	{Resume, []Status{Paused}},
	{Update, []Status{Created, Running, Paused}},
	{Ps, []Status{Created, Running, Paused, Stopped}},
	{Measure, []Status{Created, Running, Paused}},
	{Checkpoint, []Status{Running, Paused}},
}

func (s Status) allows(op Operation) bool {
	for _, row := range allowed {
		if row.op == op {
			return slices.Contains(row.in, s)
		}
	}
	return false
}

// Allow refuses an operation that makes no sense in a status. Where the
// container would have to run, the error is ErrNotRunning, in the words that
// engines look for.
func (s Status) Allow(op Operation, id string) error {
	if s.allows(op) {
		return nil
	}
	text := fmt.Sprintf("cannot %s container %q: it is %s", op, id, s)
	if s == Stopped && op != Start && op != Resume {
		return &idError{text + ": " + ErrNotRunning.Error(), ErrNotRunning}
	}
	switch {
	case op == Resume:
		return &idError{text + ": " + ErrNotPaused.Error(), ErrNotPaused}
	case op == Pause && s == Paused: // runc has these words for it
		return &idError{text + " already: " + ErrNotRunning.Error(), ErrNotRunning}
	case s == Paused:
		text += " (keg resume " + id + ")"
	case op == Delete:
		text += " (stop it first, or: keg delete -f " + id + ")"
	case op == Start && s == Running:
		text += " already"
	}
	return &idError{text: text}
}
