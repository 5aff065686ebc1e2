package service

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/keg-project/keg/linux"
)

// chunk is what is moved at once: what a pipe holds by default.
const chunk = 64 << 10

// logFile is a log that is rotated at a size: NAME, NAME.1, NAME.2 ... A line is
// not torn, unless it is as long as the log.
type logFile struct {
	path  string
	size  int64
	files int

	file *os.File
	lost int64 // bytes that could not be written
}

// ready opens the log unless it is open, and makes its directory: there may be
// room for both later.
func (l *logFile) ready() error {
	if l.file != nil {
		return nil
	}
	err := l.open()
	if errors.Is(err, fs.ErrNotExist) {
		if err = os.MkdirAll(filepath.Dir(l.path), 0o755); err == nil {
			err = l.open()
		}
	}
	return err
}

func (l *logFile) open() error {
	// Not O_APPEND, which splice refuses; nobody else writes here.
	f, err := openRegular(l.path, os.O_RDWR|os.O_CREATE)
	if err == nil {
		l.file = f
	}
	return err
}

// openRegular opens a log and nothing else. A container that has the directory,
// for logs of its own, may have put a link, a FIFO or a device there.
func openRegular(path string, flags int) (*os.File, error) {
	return linux.OpenRegular(path, flags, 0o640)
}

func (l *logFile) Close() error {
	if l.file == nil {
		return nil
	}
	return l.file.Close()
}

// take moves some of what the pipe holds into the log. The error is EAGAIN if
// that is nothing.
func (l *logFile) take(pipe int) error {
	if err := l.ready(); err != nil {
		return err
	}
	st, err := l.file.Stat()
	if err != nil {
		return err
	}
	n, at := chunk, st.Size() // whoever truncates it, there is no hole
	if at >= l.size {
		if n, err = l.untilRotation(pipe, at); err != nil {
			return err
		}
		if n == 0 {
			if err := l.rotate(); err != nil {
				return err
			}
			n, at = chunk, 0
		}
	}
	return l.move(pipe, at, n)
}

// untilRotation is how much of what the pipe holds still belongs to a log that
// is full: the rest of its last line.
func (l *logFile) untilRotation(pipe int, at int64) (int, error) {
	last := make([]byte, 1)
	if _, err := l.file.ReadAt(last, at-1); err != nil {
		return 0, err
	}
	if last[0] == '\n' || at >= 2*l.size {
		return 0, nil
	}
	next, err := peek(pipe)
	if err != nil {
		return 0, err
	}
	if i := bytes.IndexByte(next, '\n'); i >= 0 {
		return i + 1, nil
	}
	return chunk, nil
}

// peek copies what a pipe holds, and leaves it there: a supervisor that is
// killed has not taken what it has not written.
func peek(pipe int) ([]byte, error) {
	r, w, err := linux.BlockingPipe()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	defer w.Close()
	n, err := linux.Tee(pipe, w, chunk)
	if err != nil || n == 0 {
		return nil, err
	}
	text := make([]byte, n)
	n2, err := r.Read(text)
	return text[:n2], err
}

// rotate gives the older files their next numbers, the oldest first. Killed in
// between, it leaves a gap, which the next rotation fills.
func (l *logFile) rotate() error {
	if l.files == 1 {
		return l.file.Truncate(0)
	}
	last := l.files - 1
	for i := 1; i < last; i++ {
		if _, err := os.Lstat(l.numbered(i)); errors.Is(err, fs.ErrNotExist) {
			last = i
		}
	}
	for i := last; i > 0; i-- {
		if err := os.Rename(l.numbered(i-1), l.numbered(i)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	old := l.file
	if err := l.open(); err != nil {
		return err
	}
	return old.Close()
}

func (l *logFile) numbered(i int) string {
	if i == 0 {
		return l.path
	}
	return l.path + "." + strconv.Itoa(i)
}

// move lets the kernel move the bytes, where the log's file system can.
func (l *logFile) move(pipe int, at int64, n int) error {
	if l.lost > 0 {
		note := fmt.Appendf(nil, "[keg: %d bytes are lost here: the log could not be written]\n", l.lost)
		if _, err := l.file.WriteAt(note, at); err != nil {
			return err
		}
		l.lost, at = 0, at+int64(len(note))
	}
	_, err := linux.SpliceAppend(pipe, l.file, at, n)
	if errors.Is(err, syscall.EINVAL) {
		return l.copy(pipe, at, n)
	}
	return err
}

func (l *logFile) copy(pipe int, at int64, n int) error {
	text := make([]byte, n)
	n, err := readPipe(pipe, text)
	if err != nil {
		return err
	}
	_, err = l.file.WriteAt(text[:n], at)
	if err != nil {
		l.lost += int64(n)
	}
	return err
}

// skip throws away what the pipe holds: a disk that is full, or cannot be written
// to, must not stop the service.
func (l *logFile) skip(pipe int) error {
	text := make([]byte, chunk)
	n, err := readPipe(pipe, text)
	l.lost += int64(n)
	return err
}

func readPipe(pipe int, text []byte) (int, error) {
	for {
		n, err := syscall.Read(pipe, text)
		if err == syscall.EINTR {
			continue
		}
		return max(n, 0), err
	}
}
