package sequence

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/keg-project/keg/boot/bundle"
	"github.com/keg-project/keg/linux"
)

// logs is where the containers' output goes.
type logs interface {
	// open opens the log of a stream, which the container's program writes to.
	open(name string) (stream, error)
	// end is for after the last container.
	end() error
}

// stream is the log of one stream of a container.
type stream interface {
	file() *os.File
	// finish is for when nothing more will be written.
	finish() error
	// dump writes to the console what the container has written, and ends the use
	// of the stream.
	dump(console io.Writer) error
}

// openLogs chooses as LinuxKit does: the console, if the kernel's command line
// says so; the daemon that collects logs, where there is one; files. Where there
// can be no files, it is the console again.
func (o *Options) openLogs() logs {
	if o.ToConsole {
		return o.consoleLogs()
	}
	dir := filepath.Join(o.LogDir, o.Word)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		o.Launcher.Say("%s: %v: what the containers write is shown here, and not kept", o.Word, err)
		return o.consoleLogs()
	}
	files := fileLogs{dir: dir, link: filepath.Join(o.LinkDir, o.Word)}
	if _, err := os.Lstat(o.LogSocket); err == nil {
		return &daemonLogs{write: o.LogSocket, read: o.LogQuery, files: files, say: o.Launcher.Say}
	}
	return files
}

// openLog opens a log, or has what is written shown: a container must not be left
// out for its log.
func (o *Options) openLog(l logs, b *bundle.Bundle, name string) stream {
	s, err := l.open(name)
	if err == nil {
		return s
	}
	o.Launcher.Say("%s: log: %v: what it writes there is shown here, and not kept", b.Title, err)
	return o.consoleLogs().stream(name)
}

// note has the log say what has failed, after what the container has written was
// shown: the console has it by itself.
func note(l logs, name string, failure error) {
	if _, shown := l.(consoleLogs); shown {
		return
	}
	if s, err := l.open(name); err == nil {
		fmt.Fprintf(s.file(), "keg: %v\n", failure)
		s.file().Close()
	}
}

// consoleLogs leaves nothing to be dumped.
type consoleLogs struct{ stdout *os.File }

type consoleStream struct{ to *os.File }

func (o *Options) consoleLogs() consoleLogs { return consoleLogs{cmp.Or(o.Stdout, os.Stdout)} }

func (l consoleLogs) open(name string) (stream, error) { return l.stream(name), nil }

func (l consoleLogs) stream(name string) stream {
	if filepath.Ext(name) == ".out" {
		return consoleStream{l.stdout}
	}
	return consoleStream{os.Stderr}
}

func (consoleLogs) end() error               { return nil }
func (s consoleStream) file() *os.File       { return s.to }
func (consoleStream) finish() error          { return nil }
func (s consoleStream) dump(io.Writer) error { return nil }

// fileLogs has a file for each stream, NAME.log. Another run goes on in it.
type fileLogs struct{ dir, link string }

type fileStream struct {
	*os.File
	before int64 // what earlier runs have written
}

func (l fileLogs) open(name string) (stream, error) {
	// A container that has the directory may have put a link or a FIFO there.
	path := filepath.Join(l.dir, name+".log")
	f, err := linux.OpenRegular(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	st, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return fileStream{f, st.Size()}, nil
}

func (s fileStream) file() *os.File { return s.File }
func (fileStream) finish() error    { return nil } // it is still to be read

func (s fileStream) dump(console io.Writer) error {
	defer s.Close()
	st, err := s.Stat() // what it has now: something that the container has left may go on writing
	if err != nil {
		return err
	}
	_, err = io.Copy(console, io.NewSectionReader(s.File, s.before, st.Size()-s.before))
	return err
}

// end links the logs to where they are looked for once /var is there.
func (l fileLogs) end() error {
	if err := os.MkdirAll(filepath.Dir(l.link), 0o755); err != nil {
		return err
	}
	if err := os.Symlink(l.dir, l.link); err != nil && !os.IsExist(err) {
		return fmt.Errorf("the logs are in %s: %w", l.dir, err)
	}
	return nil
}
