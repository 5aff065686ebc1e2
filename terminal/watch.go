package terminal

import (
	"os"
	"syscall"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/program"
)

// watch is a process that sets the person's terminal as it was when keg dies
// without having done so: of SIGKILL, or of a fault of its own. It is the
// interpreter, with a program of three system calls: it costs a few pages.
type watch struct {
	pid  int
	keep *os.File // whose end is keg's end
}

// watchOver starts the process. In a session of its own it gets no signal of
// the terminal's, neither with keg's process group nor for setting it from the
// background.
func watchOver(s linux.Settings, image func(*program.Linked) (*os.File, error)) (*watch, error) {
	linked, err := watchProgram(s).Link(noReport)
	if err != nil {
		return nil, err
	}
	file, err := image(linked)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	r, w, err := linux.BlockingPipe()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	high, err := linux.DupAbove(file, 8) // out of the way of the numbers below
	if err != nil {
		w.Close()
		return nil, err
	}
	defer high.Close()
	pid, err := syscall.ForkExec(linux.SelfFD(high), []string{"keg: watches the terminal"}, &syscall.ProcAttr{
		Dir:   "/",
		Files: []uintptr{r.Fd(), 0},
		Sys:   &syscall.SysProcAttr{Setsid: true},
	})
	if err != nil {
		w.Close()
		return nil, os.NewSyscallError("fork", err)
	}
	return &watch{pid, w}, nil
}

const noReport = 2 // it has no such descriptor: nobody is there to be told

// watchProgram waits until it reads a byte, which means that keg has set the
// terminal itself, or the end of the pipe.
func watchProgram(s linux.Settings) *program.Builder {
	b := program.NewBuilder()
	told := b.NewLabel()
	read := program.Op{Call: program.Read, Want: program.Exactly(0).Or(told)}
	read.Args[0], read.Args[1], read.Args[2] = program.FDNamed(0, "pipe"), b.Zero(8, "buffer"), program.N(1)
	b.Add(read)
	set := program.Op{Call: program.Ioctl}
	set.Args[0], set.Args[1], set.Args[2] = program.FDNamed(1, "terminal"), program.N(linux.TCSETS), b.Bytes(s.Bytes(), "{as it was}")
	b.Add(set)
	b.Mark(told)
	b.Add(program.Op{Call: program.Exit})
	return b
}

// dismiss ends the watch: there is nothing to be set any more.
func (w *watch) dismiss() *watch {
	w.keep.Write([]byte{0})
	w.keep.Close()
	linux.Wait(w.pid)
	return nil
}
