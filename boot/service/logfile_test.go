package service

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// logged writes text through a FIFO and a pump, in pieces, and returns the
// contents of the log's files, the oldest first.
func logged(t *testing.T, size int64, files int, pieces ...string) []string {
	t.Helper()
	dir := t.TempDir()
	fifo, path := dir+"/fifo", dir+"/x.log"
	if err := makeFIFO(fifo); err != nil {
		t.Fatal(err)
	}
	log, err := openLog(path, size, files)
	if err != nil {
		t.Fatal(err)
	}
	p, err := startPump(fifo, log, func(err error, _ bool) { t.Error(err) })
	if err != nil {
		t.Fatal(err)
	}
	w, err := openFIFO(fifo, syscall.O_RDWR)
	if err != nil {
		t.Fatal(err)
	}
	for _, piece := range pieces {
		if _, err := w.WriteString(piece); err != nil {
			t.Fatal(err)
		}
	}
	w.Close()
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	return contents(t, path)
}

func openLog(path string, size int64, files int) (*logFile, error) {
	l := &logFile{path: path, size: size, files: files}
	return l, l.ready()
}

func contents(t *testing.T, path string) (texts []string) {
	t.Helper()
	names, _ := filepath.Glob(path + "*")
	for i := range names {
		text, err := os.ReadFile(names[len(names)-1-i])
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(text))
	}
	return texts
}

func TestRotationLosesNothing(t *testing.T) {
	var pieces []string
	for i := range 5000 {
		pieces = append(pieces, fmt.Sprintf("line %d %s\n", i, strings.Repeat("x", i%97)))
	}
	texts := logged(t, 40_000, 200, pieces...)
	if got, want := strings.Join(texts, ""), strings.Join(pieces, ""); got != want {
		t.Errorf("%d bytes of %d", len(got), len(want))
	}
	if len(texts) < 3 {
		t.Errorf("%d files", len(texts))
	}
	for i, text := range texts {
		if text == "" && i == len(texts)-1 {
			continue // the one before was full
		}
		if !strings.HasSuffix(text, "\n") || !strings.HasPrefix(text, "line ") {
			t.Errorf("file %d of %d: a line is torn: %.20q ... %q", i, len(texts), text, text[max(0, len(text)-20):])
		}
		if len(text) > 40_000+chunk+200 {
			t.Errorf("file %d has %d bytes", i, len(text))
		}
	}
}

// A supervisor that is killed in a rotation leaves a gap: nothing older is lost by
// the next, nor out of a reader's sight.
func TestRotationAfterAKill(t *testing.T) {
	path := t.TempDir() + "/x.log"
	for name, text := range map[string]string{".1": "c\n", ".3": "b\n", ".4": "a\n", "": "d\n"} {
		os.WriteFile(path+name, []byte(text), 0o600)
	}
	read := func() string {
		t.Helper()
		_, text, err := NewTail(path, -1)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	if got := read(); got != "a\nb\nc\nd\n" {
		t.Errorf("with a gap: %q", got)
	}
	l, err := openLog(path, 1, 5)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := l.rotate(); err != nil {
		t.Fatal(err)
	}
	if got := read(); got != "a\nb\nc\nd\n" {
		t.Errorf("after the next: %q", got)
	}
	if err := l.rotate(); err != nil {
		t.Fatal(err)
	}
	if got := read(); got != "b\nc\nd\n" {
		t.Errorf("after one more: %q", got)
	}
}

func TestRotationKeepsSoMany(t *testing.T) {
	piece := strings.Repeat("0123456789\n", 1000)
	var pieces []string
	for range 40 {
		pieces = append(pieces, piece)
	}
	for _, files := range []int{1, 3} {
		if texts := logged(t, 1000, files, pieces...); len(texts) != files {
			t.Errorf("%d files; want %d", len(texts), files)
		}
	}
}

// One line that never ends is torn, rather than to fill the disk.
func TestRotationOfEndlessLine(t *testing.T) {
	texts := logged(t, 1000, 100, strings.Repeat("x", 1<<20))
	if len(texts) < 2 || len(strings.Join(texts, "")) != 1<<20 {
		t.Errorf("%d files", len(texts))
	}
}

// What is in the FIFO is still there for the next supervisor, in order.
func TestPumpAfterAnother(t *testing.T) {
	dir := t.TempDir()
	fifo, path := dir+"/fifo", dir+"/x.log"
	if err := makeFIFO(fifo); err != nil {
		t.Fatal(err)
	}
	service, err := openFIFO(fifo, syscall.O_RDWR)
	if err != nil {
		t.Fatal(err)
	}
	defer service.Close()
	want := ""
	for i := range 3 {
		if err := makeFIFO(fifo); err != nil {
			t.Fatal(err)
		}
		while := fmt.Sprintf("while nobody reads %d\n", i)
		service.WriteString(while)
		log, err := openLog(path, 1<<20, 2)
		if err != nil {
			t.Fatal(err)
		}
		p, err := startPump(fifo, log, func(err error, _ bool) { t.Error(err) })
		if err != nil {
			t.Fatal(err)
		}
		then := fmt.Sprintf("then %d\n", i)
		service.WriteString(then)
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
		want += while + then
	}
	if got := strings.Join(contents(t, path), ""); got != want {
		t.Errorf("%q; want %q", got, want)
	}
}

// A container may have the directory of the logs, for its own.
func TestLogIsARegularFile(t *testing.T) {
	dir := t.TempDir()
	secret := dir + "/secret"
	os.WriteFile(secret, nil, 0o600)
	os.Symlink(secret, dir+"/link.log")
	syscall.Mkfifo(dir+"/fifo.log", 0o600)
	for _, name := range []string{"link.log", "fifo.log"} {
		if l, err := openLog(dir+"/"+name, 100, 2); err == nil {
			l.Close()
			t.Errorf("%s is opened", name)
		}
	}
}

// A log that cannot be written does not stop the service, and says afterwards
// how much is missing.
func TestLogThatCannotBeWritten(t *testing.T) {
	dir := t.TempDir()
	fifo := dir + "/fifo"
	if err := makeFIFO(fifo); err != nil {
		t.Fatal(err)
	}
	log, err := openLog(dir+"/x.log", 1<<20, 2)
	if err != nil {
		t.Fatal(err)
	}
	good := log.file
	readOnly, err := os.Open(dir + "/x.log")
	if err != nil {
		t.Fatal(err)
	}
	log.file = readOnly
	warned, over := make(chan error, 10), make(chan error, 10)
	p, err := startPump(fifo, log, func(err error, good bool) {
		if good {
			over <- err
		} else {
			warned <- err
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(10 * time.Millisecond) // it may look already, and finds nothing
	w, err := openFIFO(fifo, syscall.O_RDWR)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	w.WriteString("lost\n")
	if err := <-warned; !errors.Is(err, syscall.EBADF) {
		t.Error(err)
	}
	w.WriteString(strings.Repeat("x", 1<<20)) // more than the FIFO holds
	waitEmpty(t, p)
	log.file = good
	w.WriteString("kept\n")
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	readOnly.Close()
	got := strings.Join(contents(t, dir+"/x.log"), "")
	if want := fmt.Sprintf("[keg: %d bytes are lost here: the log could not be written]\nkept\n", 1<<20+5); got != want {
		t.Errorf("%q; want %q", got, want)
	}
	if len(warned) != 0 || len(over) != 1 {
		t.Errorf("warned again %d times, and %d times that it is over", len(warned), len(over))
	}
}

// waitEmpty stops the pump's reading once the FIFO is empty.
func waitEmpty(t *testing.T, p *pump) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; {
		p.fifo.SetReadDeadline(time.Unix(1, 0))
		<-p.done
		if n, err := peekFD(p.fifo); err == syscall.EAGAIN || n == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("it is not emptied")
		}
		raw, _ := p.fifo.SyscallConn()
		raw.Control(func(fd uintptr) { p.drain(int(fd)) })
	}
}

func peekFD(f *os.File) (n int, err error) {
	raw, err := f.SyscallConn()
	if err != nil {
		return 0, err
	}
	raw.Control(func(fd uintptr) {
		var text []byte
		text, err = peek(int(fd))
		n = len(bytes.TrimSpace(text))
	})
	return n, err
}

// The kernel takes from the FIFO what it has written, and no more: there is no
// moment in which a line is in the supervisor's memory alone.
func TestNothingIsTakenThatIsNotWritten(t *testing.T) {
	dir := t.TempDir()
	fifo := dir + "/fifo"
	if err := makeFIFO(fifo); err != nil {
		t.Fatal(err)
	}
	log, err := openLog(dir+"/x.log", 1<<20, 2)
	if err != nil {
		t.Fatal(err)
	}
	log.Close()
	if log.file, err = os.Open(dir + "/x.log"); err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	f, err := openFIFO(fifo, syscall.O_RDWR|syscall.O_NONBLOCK)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	f.WriteString("line\n")
	raw, err := f.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	raw.Control(func(fd uintptr) {
		if err := log.take(int(fd)); !errors.Is(err, syscall.EBADF) {
			t.Error(err)
		}
		if text, err := peek(int(fd)); err != nil || string(text) != "line\n" {
			t.Errorf("left in the FIFO: %q, %v", text, err)
		}
	})
}
