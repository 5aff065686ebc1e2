package leftovers

import (
	"bytes"
	"errors"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// victim is who is killed.
type victim int

const (
	kegItself victim = iota
	theInit          // and the stage before it
)

// outcome of a command that was traced.
type outcome struct {
	calls  int  // system calls that the victim made
	killed bool // it reached the point where it was to be killed
	code   int  // keg's exit status, -1 after a signal
	output string
}

// tracer runs one command under ptrace(2) and kills its victim after n system
// calls, whichever of its threads makes them. Everything happens on one thread:
// to the kernel, that thread is the tracer.
type tracer struct {
	t      testing.TB
	who    victim
	prey   int // process that is killed instead of the victim; 0: none
	n      int
	keg    int // pid
	seen   map[int]*tracee
	result outcome
}

type tracee struct {
	counts bool // its system calls count
	inside bool // it is between a call's entry and its exit
	group  int
}

// ptrace(2); package syscall lacks these two.
const (
	optExitKill = 0x100000
	wNoThread   = 0x20000000
)

// killAfter runs keg and kills the victim after its n-th system call.
func killAfter(t testing.TB, who victim, n int, keg string, args ...string) outcome {
	t.Helper()
	return (&tracer{t: t, who: who, n: n}).run(keg, args...)
}

func (tr *tracer) run(keg string, args ...string) outcome {
	t := tr.t
	t.Helper()
	tr.seen = map[int]*tracee{}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	log, err := os.CreateTemp("", "keg-test-out")
	if err != nil {
		t.Fatal(err)
	}
	defer os.Remove(log.Name())
	defer log.Close()
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	tr.keg, err = syscall.ForkExec(keg, append([]string{"keg"}, args...), &syscall.ProcAttr{
		Env: os.Environ(), Files: []uintptr{null.Fd(), log.Fd(), log.Fd()}, Sys: &syscall.SysProcAttr{Ptrace: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	hung := time.AfterFunc(time.Minute, func() { syscall.Kill(tr.keg, syscall.SIGKILL) })
	tr.loop()
	if !hung.Stop() {
		t.Errorf("keg %v hung after call %d", args, tr.n)
	}
	text, _ := os.ReadFile(log.Name())
	tr.result.output = string(text)
	return tr.result
}

// loop goes on until keg has ended, and then ends what is still traced.
func (tr *tracer) loop() {
	for alive := true; alive; {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, syscall.WALL|wNoThread, nil)
		switch {
		case errors.Is(err, syscall.EINTR):
		case err != nil:
			tr.t.Fatal(os.NewSyscallError("wait4", err))
		case status.Stopped():
			tr.stopped(pid, status)
		default:
			delete(tr.seen, pid)
			if pid == tr.keg {
				alive, tr.result.code = false, status.ExitStatus()
			}
		}
	}
	tr.letGo()
}

// letGo detaches from what is left: a created container's init.
func (tr *tracer) letGo() {
	for pid := range tr.seen {
		syscall.Kill(pid, syscall.SIGSTOP)
		var status syscall.WaitStatus
		if _, err := syscall.Wait4(pid, &status, syscall.WALL|wNoThread, nil); err != nil || !status.Stopped() {
			continue
		}
		syscall.PtraceDetach(pid)
		syscall.Kill(pid, syscall.SIGCONT)
	}
}

func (tr *tracer) stopped(pid int, status syscall.WaitStatus) {
	p, known := tr.seen[pid]
	if !known {
		p = tr.adopt(pid)
	}
	sig := status.StopSignal()
	switch {
	case sig == syscall.SIGTRAP|0x80:
		p.inside = !p.inside
		if !p.inside && p.counts {
			tr.count(p.group)
		}
		sig = 0
	case sig == syscall.SIGTRAP, !known && sig == syscall.SIGSTOP:
		sig = 0 // an event of ptrace, or the stop that a new tracee begins with
	}
	if p.counts {
		syscall.PtraceSyscall(pid, int(sig))
	} else {
		syscall.PtraceCont(pid, int(sig))
	}
}

// adopt looks at a tracee's first stop. Threads of keg are always followed,
// other processes only where one of them is the victim.
func (tr *tracer) adopt(pid int) *tracee {
	p := &tracee{group: groupOf(pid)}
	p.counts = (p.group == tr.keg) == (tr.who == kegItself)
	tr.seen[pid] = p
	if pid != tr.keg {
		return p // its options are inherited
	}
	options := optExitKill | syscall.PTRACE_O_TRACESYSGOOD | syscall.PTRACE_O_TRACECLONE
	if tr.who == theInit {
		options |= syscall.PTRACE_O_TRACEFORK | syscall.PTRACE_O_TRACEVFORK
	}
	if err := syscall.PtraceSetOptions(pid, options); err != nil {
		tr.t.Fatal(os.NewSyscallError("ptrace", err))
	}
	return p
}

func (tr *tracer) count(group int) {
	tr.result.calls++
	if tr.result.calls == tr.n {
		tr.result.killed = true
		if tr.prey != 0 {
			group = tr.prey
		}
		syscall.Kill(group, syscall.SIGKILL)
	}
}

// groupOf is the process that a thread belongs to. proc_pid_status(5), Tgid
func groupOf(tid int) int {
	text, _ := os.ReadFile("/proc/" + strconv.Itoa(tid) + "/status")
	_, rest, _ := bytes.Cut(text, []byte("\nTgid:\t"))
	line, _, _ := bytes.Cut(rest, []byte("\n"))
	group, _ := strconv.Atoi(string(line))
	return group
}
