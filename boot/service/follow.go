package service

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
)

// Tail reads a log that may be rotated meanwhile: at first its last lines, then
// what has come since.
type Tail struct {
	path string
	last os.FileInfo // the newest file that was read
	at   int64       // how far
}

// NewTail returns the last lines of a log, and who reads on; lines < 0: all of
// them. A log that does not exist yet is empty.
func NewTail(path string, lines int) (*Tail, []byte, error) {
	t := &Tail{path: path}
	text, err := t.Read()
	if lines >= 0 {
		text = lastLines(text, lines)
	}
	return t, text, err
}

func lastLines(text []byte, n int) []byte {
	end := len(bytes.TrimSuffix(text, []byte("\n")))
	for i := end; ; n-- {
		if n == 0 {
			return text[min(i+1, len(text)):]
		}
		if i = bytes.LastIndexByte(text[:i], '\n'); i < 0 {
			return text
		}
	}
}

// Read returns what was written since the call before.
func (t *Tail) Read() ([]byte, error) {
	files, err := t.unread()
	defer func() {
		for _, f := range files {
			f.Close()
		}
	}()
	if err != nil {
		return nil, err
	}
	var text []byte
	for _, f := range files {
		st, err := f.Stat()
		if err != nil {
			return text, err
		}
		if t.last == nil || !os.SameFile(st, t.last) || st.Size() < t.at {
			t.at = 0
		}
		more, err := io.ReadAll(io.NewSectionReader(f, t.at, st.Size()-t.at))
		if err != nil {
			return text, err
		}
		text, t.at, t.last = append(text, more...), t.at+int64(len(more)), st
	}
	return text, nil
}

// unread are the files from the one on that was read last, the oldest first. A
// file that is renamed meanwhile is opened twice, or not: it is looked for by what
// it is, from the newest on.
func (t *Tail) unread() (files []*os.File, err error) {
	l := logFile{path: t.path}
	for i, missing := 0, 0; missing < 2; i++ { // a rotation under way leaves a gap of one
		f, err := openRegular(l.numbered(i), os.O_RDONLY)
		if errors.Is(err, fs.ErrNotExist) {
			missing++
			continue
		}
		if err != nil {
			return files, err
		}
		st, err := f.Stat()
		if err != nil {
			f.Close()
			return files, err
		}
		if slices.ContainsFunc(files, func(other *os.File) bool { return same(other, st) }) {
			f.Close()
			continue
		}
		files = append(files, f)
		if t.last != nil && os.SameFile(st, t.last) {
			break
		}
	}
	slices.Reverse(files)
	return files, nil
}

func same(f *os.File, st os.FileInfo) bool {
	other, err := f.Stat()
	return err == nil && os.SameFile(other, st)
}
