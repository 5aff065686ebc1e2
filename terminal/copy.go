package terminal

import (
	"bytes"
	"errors"
	"os"
	"syscall"
	"time"

	"github.com/keg-project/keg/linux"
)

const bufferSize = 32 << 10

// input passes on what is typed, or what a file or pipe on standard input has.
func (p *Pass) input() {
	buf := make([]byte, bufferSize)
	last := byte('\n')
	for p.await(0, linux.POLLIN) {
		n, err := syscall.Read(0, buf)
		switch {
		case errors.Is(err, syscall.EINTR) || errors.Is(err, syscall.EAGAIN):
			continue
		case p.mode != nil && (err != nil || n == 0):
			p.hangUp() // the window was closed
			return
		case err != nil || n == 0:
			p.endOfFile(last)
			return
		}
		if !p.typed(buf[:n]) {
			return
		}
		last = buf[n-1]
		p.suspendByKey(buf[:n])
	}
}

// endOfFile types the key that ends the input, as a person would: at the end
// of an unfinished line it takes two. A file stays at its end, so the key is
// typed again and again.
func (p *Pass) endOfFile(last byte) {
	const settled = 8
	same, byLine := 0, false
	for wait := 20; !p.finished(wait); {
		s, ok := linux.TerminalSettings(int(p.master.Fd()))
		if !ok {
			return
		}
		if s.ByLine() != byLine {
			same, byLine = 0, s.ByLine()
		}
		// A key that comes while a shell runs a command is nothing that the
		// shell could understand later: it edits its lines in another mode.
		if same++; same < settled {
			continue
		}
		key := []byte{s.EndOfFile()}
		if last != '\n' && byLine {
			key = append(key, key...)
		}
		if last = '\n'; !p.typed(key) {
			return
		}
		same, wait = 0, min(2*wait, 1000)
	}
}

// finished waits for the end of everything, at most for so many milliseconds.
func (p *Pass) finished(timeout int) bool {
	fds := []linux.PollFD{{Fd: int32(p.stopped.Fd()), Events: linux.POLLIN}}
	err := linux.Poll(fds, time.Now().Add(time.Duration(timeout)*time.Millisecond))
	return !errors.Is(err, os.ErrDeadlineExceeded)
}

// typed writes to the container's terminal; false if nobody can read it.
func (p *Pass) typed(text []byte) bool {
	for len(text) > 0 {
		n, err := syscall.Write(int(p.master.Fd()), text)
		switch {
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EAGAIN) || n == 0 && err == nil:
			if !p.await(int(p.master.Fd()), linux.POLLOUT) {
				return false
			}
		case gone(err):
			return true // whoever opens it next begins with what comes then
		case err != nil:
			return false
		default:
			text = text[n:]
		}
	}
	return true
}

// await waits until the descriptor is ready; false once all comes to its end.
func (p *Pass) await(fd int, events int16) bool {
	fds := []linux.PollFD{{Fd: int32(p.stopped.Fd()), Events: linux.POLLIN}, {Fd: int32(fd), Events: events}}
	return linux.Poll(fds, time.Time{}) == nil && fds[0].Revents == 0
}

// afterwards bounds what is passed on after the program's end, of processes
// that it leaves behind: more than a terminal holds.
const afterwards = 1 << 20

// output passes on what is shown, to the last byte before the program's end.
func (p *Pass) output() {
	defer close(p.shown)
	buf := make([]byte, bufferSize)
	rest := afterwards
	for rest > 0 {
		ended := !p.await(int(p.master.Fd()), linux.POLLIN)
		n, err := syscall.Read(int(p.master.Fd()), buf) // flushes what the kernel has still in hand
		if n > 0 {
			if !show(buf[:n]) {
				p.hangUp()
				return
			}
			if ended {
				rest -= n
			}
			continue
		}
		switch {
		case errors.Is(err, syscall.EINTR):
		case ended:
			return
		case gone(err) || n == 0 && err == nil:
			p.finished(50) // nobody has it open at the moment, and no event tells when somebody does
		case !errors.Is(err, syscall.EAGAIN):
			return
		}
	}
}

// show writes to standard output; false if that is closed.
func show(text []byte) bool {
	for len(text) > 0 {
		n, err := syscall.Write(1, text)
		switch {
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EAGAIN):
			linux.Poll([]linux.PollFD{{Fd: 1, Events: linux.POLLOUT}}, time.Time{})
		case err != nil:
			return false
		default:
			text = text[n:]
		}
	}
	return true
}

// suspendByKey stops keg and the container when the person pressed the key for
// it and the program on the terminal does nothing with it: there is no parent
// in its session that could continue it, so the kernel stops it not. A shell
// that does job control, or an editor, is left alone.
func (p *Pass) suspendByKey(text []byte) {
	if p.mode == nil {
		return
	}
	s, ok := linux.TerminalSettings(int(p.master.Fd()))
	if !ok || s.Suspend() == 0 || bytes.IndexByte(text, s.Suspend()) < 0 {
		return
	}
	session, group, err := linux.TerminalSession(p.master)
	if err == nil && session == group && defaultStop(session) {
		p.suspend()
	}
}
