package criu

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/keg-project/keg/linux"
)

// Log is what CRIU's log says of a failure.
type Log struct {
	Path  string
	Lines []string // the last errors, or the last lines where there are none
}

// readLog reads the end of a log in a directory. One that does not exist says
// nothing: then CRIU has not come so far.
func readLog(dir *os.File, name string) Log {
	const most = 64 << 10
	f, err := os.Open(in(dir, name))
	if err != nil {
		return Log{}
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil {
		f.Seek(max(info.Size()-most, 0), io.SeekStart)
	}
	text, _ := io.ReadAll(io.LimitReader(f, most))
	return Log{filepath.Join(dir.Name(), name), tail(text)}
}

// in is a path of a file in a directory, whatever the directory's own path leads to by now.
func in(dir *os.File, name string) string { return linux.SelfFD(dir) + "/" + name }

// tail chooses the lines that a reader of an error wants to see.
func tail(text []byte) []string {
	const most = 4
	var errs, all []string
	for line := range bytes.Lines(text) {
		s := strings.TrimSpace(untimed(string(line)))
		switch {
		case s == "":
			continue
		case strings.HasPrefix(s, "Error (") && !strings.HasSuffix(s, "ing FAILED."):
			errs = append(errs, s)
		}
		all = append(all, s)
	}
	if len(errs) > 0 {
		all = errs
	}
	return all[max(len(all)-most, 0):]
}

// untimed takes the time from a line such as
//
//	(00.014246)      1: Error (criu/files-reg.c:2104): Can't open file
func untimed(line string) string {
	if _, rest, ok := strings.Cut(line, ") "); ok && strings.HasPrefix(line, "(") {
		line = rest
	}
	pid, rest, ok := strings.Cut(line, ": ")
	if ok && strings.Trim(pid, " 0123456789") == "" {
		return rest
	}
	return line
}
