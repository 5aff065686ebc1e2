package hooks

import (
	"fmt"
	"os"
	"syscall"

	"github.com/keg-project/keg/linux"
)

// streams are a hook's standard streams and keg's ends of them.
type streams struct {
	theirs [3]int
	files  []int  // what of theirs is to be closed
	stdin  int    // keg's end; -1: closed
	unsent []byte // what the hook has not read yet
	out    int    // keg's end of the pipe for output; -1: there is none, or it has ended
	output tail
}

// streams opens them: pipes, and for output the files that were named.
func (c *Call) streams() (*streams, error) {
	s := &streams{stdin: -1, out: -1, unsent: c.State}
	if err := s.open(c); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *streams) open(c *Call) (err error) {
	if s.stdin, s.theirs[0], err = linux.Pipe(false); err != nil {
		return err
	}
	s.files = append(s.files, s.theirs[0])
	pipe := -1
	if c.Stdout == "" || c.Stderr == "" {
		if s.out, pipe, err = linux.Pipe(true); err != nil {
			return err
		}
		s.files = append(s.files, pipe)
	}
	for i, name := range []string{c.Stdout, c.Stderr} {
		s.theirs[1+i] = pipe
		if name == "" {
			continue
		}
		if s.theirs[1+i], err = appendTo(name); err != nil {
			return fmt.Errorf("annotations.%s: %w", [...]string{AnnotationStdout, AnnotationStderr}[i], err)
		}
		s.files = append(s.files, s.theirs[1+i])
	}
	return nil
}

// crun's annotations that name files for the output of all hooks.
const (
	AnnotationStdout = "run.oci.hooks.stdout"
	AnnotationStderr = "run.oci.hooks.stderr"
)

// appendTo never waits: the name may be that of a FIFO without a reader.
func appendTo(name string) (int, error) {
	const flags = syscall.O_WRONLY | syscall.O_CREAT | syscall.O_APPEND | syscall.O_CLOEXEC | syscall.O_NONBLOCK | syscall.O_NOCTTY
	fd, err := syscall.Open(name, flags, 0o600)
	if err == nil {
		if err = syscall.SetNonblock(fd, false); err != nil {
			syscall.Close(fd)
		}
	}
	if err != nil {
		return -1, &os.PathError{Op: "open", Path: name, Err: err}
	}
	return fd, nil
}

// given closes what the hook has by now.
func (s *streams) given() {
	for _, fd := range s.files {
		syscall.Close(fd)
	}
	s.files = nil
}

func (s *streams) close() {
	s.given()
	closeOnce(&s.stdin)
	closeOnce(&s.out)
}

func closeOnce(fd *int) {
	if *fd >= 0 {
		syscall.Close(*fd)
	}
	*fd = -1
}

// send writes what the pipe takes. A hook that does not care for the state
// may have closed its end.
func (s *streams) send() {
	for len(s.unsent) > 0 {
		n, err := syscall.Write(s.stdin, s.unsent)
		if err == syscall.EINTR {
			continue
		}
		if err == syscall.EAGAIN {
			return
		}
		if err != nil {
			break
		}
		s.unsent = s.unsent[n:]
	}
	closeOnce(&s.stdin)
}

// receive reads what is there, and no more than the pipe holds at a time: a
// process that the hook has left behind may never stop writing.
func (s *streams) receive() {
	var buf [16 << 10]byte
	for range 4 {
		n, err := syscall.Read(s.out, buf[:])
		switch {
		case err == syscall.EINTR:
		case err == syscall.EAGAIN:
			return
		case err != nil || n == 0:
			closeOnce(&s.out)
			return
		default:
			s.output.add(buf[:n])
		}
	}
}
