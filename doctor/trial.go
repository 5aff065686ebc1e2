package doctor

import (
	"encoding/binary"
	"errors"
	"io"
	"os"
	"syscall"

	"github.com/keg-project/keg/initvm"
	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/program"
)

// trial is a process that tries something in namespaces of its own, which end
// with it: keg's interpreter with a program of system calls, as a container's
// first process is.
type trial struct {
	namespaces uintptr
	write      func(b *program.Builder) // the system calls; none: that there is a process is enough
}

// stepError says which system call of a trial failed.
type stepError struct {
	call  *program.Call
	errno syscall.Errno
}

func (e *stepError) Error() string { return e.call.Name + ": " + e.errno.Error() }
func (e *stepError) Unwrap() error { return e.errno }

// executable puts a program where it can be executed: a memfd or, where those
// cannot be, a file without a name in a temporary directory.
func executable(p *program.Linked) (*os.File, error) {
	image := initvm.Image(p)
	f, err := linux.SealedMemfd("doctor", image)
	if err == nil || !errors.Is(err, syscall.EACCES) {
		return f, err
	}
	return unlinked(image)
}

// unlinked writes a file while nothing forks: a child would have the descriptor for
// a moment, and what is open for writing cannot be executed (ETXTBSY).
func unlinked(image []byte) (*os.File, error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	written, err := linux.NamelessFile(os.TempDir(), 0o500)
	if err != nil {
		return nil, err
	}
	defer written.Close()
	if _, err := written.Write(image); err != nil {
		return nil, err
	}
	return linux.Reopen(written, os.O_RDONLY)
}

// build links the trial's program; report is the descriptor for failures.
func (t trial) build(report int) (*program.Builder, *program.Linked, error) {
	b := program.NewBuilder()
	if t.write != nil {
		t.write(b)
	}
	b.Add(program.Op{Call: program.Exit, Args: [6]program.Arg{program.N(0)}})
	linked, err := b.Link(report)
	return b, linked, err
}

// run makes the process and waits for its end.
func (t trial) run() error {
	b, linked, err := t.build(3)
	if err != nil {
		return err
	}
	image, err := executable(linked)
	if err != nil {
		return err
	}
	defer image.Close()
	report, theirs, err := os.Pipe()
	if err != nil {
		return err
	}
	defer report.Close()
	pid, err := t.start(image, theirs)
	theirs.Close()
	if err != nil {
		return err
	}
	record, _ := io.ReadAll(report)
	status := linux.Wait(pid)
	if len(record) == 8 {
		i, _ := linked.OpIndex(binary.NativeEndian.Uint32(record))
		return &stepError{b.Ops()[i].Call, syscall.Errno(binary.NativeEndian.Uint32(record[4:]))}
	}
	if status.Signaled() {
		return errors.New("the process that tries it died of " + status.Signal().String())
	}
	return nil
}

// start begins the process, with files from descriptor 3 on. In a new user
// namespace it is root, and that is the caller.
func (t trial) start(image *os.File, files ...*os.File) (pid int, err error) {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return 0, err
	}
	defer null.Close()
	fds := []uintptr{null.Fd(), null.Fd(), null.Fd()}
	for _, f := range files {
		fds = append(fds, f.Fd())
	}
	high, err := linux.DupAbove(image, 64)
	if err != nil {
		return 0, err
	}
	defer high.Close()
	attr := &syscall.SysProcAttr{Cloneflags: t.namespaces}
	if t.namespaces&linux.CLONE_NEWUSER != 0 {
		attr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Geteuid(), Size: 1}}
		attr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getegid(), Size: 1}}
	}
	return syscall.ForkExec(linux.SelfFD(high), []string{"keg doctor"}, &syscall.ProcAttr{Files: fds, Sys: attr})
}

// op is one system call of a trial.
func op(c *program.Call, args ...program.Arg) program.Op {
	o := program.Op{Call: c}
	copy(o.Args[:], args)
	return o
}
