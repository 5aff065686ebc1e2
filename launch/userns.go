package launch

import (
	"os"
	"strconv"
	"syscall"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/plan"
	"github.com/keg-project/keg/program"
)

// userNamespace opens a user namespace with the mappings: an existing one, or
// a new one, which a process has to hold until it is open.
func userNamespace(m *plan.IDMap, dir *os.File) (*os.File, error) {
	if m.NSPath != "" {
		return os.Open(m.NSPath)
	}
	holder, end, err := HoldUserNamespace(func(p *program.Linked) (*os.File, error) { return Executable(p, dir) })
	if err != nil {
		return nil, err
	}
	defer end()
	if err := writeMaps(holder, &m.Maps); err != nil {
		return nil, err
	}
	return os.Open("/proc/" + strconv.Itoa(holder) + "/ns/user")
}

// HoldUserNamespace clones a process in a new user namespace without mappings. It
// waits for the end of a file, by which keg's death would end it as well.
func HoldUserNamespace(executable func(*program.Linked) (*os.File, error)) (pid int, end func(), err error) {
	waits, err := waitingProgram()
	if err != nil {
		return 0, nil, err
	}
	image, err := executable(waits)
	if err != nil {
		return 0, nil, err
	}
	defer image.Close()
	r, w, err := os.Pipe()
	if err != nil {
		return 0, nil, err
	}
	defer r.Close()
	files := []uintptr{r.Fd()}
	high, err := outOfTheWay(image, files)
	if err == nil {
		attr := syscall.ProcAttr{Files: files, Sys: &syscall.SysProcAttr{Cloneflags: linux.CLONE_NEWUSER}}
		pid, err = syscall.ForkExec(linux.SelfFD(high), []string{"holder"}, &attr)
		err = os.NewSyscallError("clone", err)
		high.Close()
	}
	if err != nil {
		w.Close()
		return 0, nil, err
	}
	return pid, func() {
		w.Close()
		linux.Wait(pid)
	}, nil
}

// waitingProgram reads from standard input once, and ends.
func waitingProgram() (*program.Linked, error) {
	b := program.NewBuilder()
	b.Add(program.Op{Call: program.Read, Args: [6]program.Arg{program.N(0), b.Zero(8, "never"), program.N(1)}})
	b.Add(program.Op{Call: program.Exit, Args: [6]program.Arg{program.N(0)}})
	return b.Link(2)
}
