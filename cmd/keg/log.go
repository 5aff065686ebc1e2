package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// logger writes messages for people on standard error, and for engines to
// the file named by --log: they show the last line of level error.
type logger struct {
	stderr io.Writer
	file   *os.File // nil without --log
	json   bool
	debugs bool
	theirs bool     // standard error is the container's program's
	silent bool     // what is in the file is not said on standard error
	unsaid []string // warnings that it was not to have
	failed error    // the first failure to write to the file

	noting sync.Mutex // progress comes from many goroutines
}

func (l *logger) open(g *global) error {
	l.json, l.debugs = g.logFormat == "json", g.debug
	if g.logFile == "" {
		return nil
	}
	f, err := os.OpenFile(g.logFile, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
	if err != nil {
		return fmt.Errorf("--log: %w", err)
	}
	if l.file != nil {
		l.file.Close() // nothing is written before the flags are read
	}
	l.file = f
	return nil
}

func (l *logger) close() error {
	if l.file == nil {
		return nil
	}
	err := l.file.Close()
	if l.failed != nil {
		err = l.failed
	}
	l.file = nil
	if err != nil {
		return fmt.Errorf("--log: %w", err)
	}
	return nil
}

func (l *logger) error(err error) {
	for _, msg := range l.unsaid {
		l.emit("warning", msg)
	}
	l.unsaid = nil
	l.emit("error", err.Error())
}

// warn is for what a person should know. An engine's log gets it instead of
// standard error, which belongs to the container's program by then; an engine
// without a log (Buildah) would show what create says as the program's words.
// Beside an error it is said: the program has not run then.
func (l *logger) warn(format string, args ...any) {
	msg := fmt.Sprintf(format, args...)
	if l.theirs && l.file == nil && !l.debugs {
		l.unsaid = append(l.unsaid, msg)
		return
	}
	l.emit("warning", msg)
}

func (l *logger) debug(format string, args ...any) {
	if l.debugs {
		l.emit("debug", fmt.Sprintf(format, args...))
	}
}

// note writes to the log what standard error has already.
func (l *logger) note(msg string) {
	if l.file == nil {
		return
	}
	l.noting.Lock()
	defer l.noting.Unlock()
	if _, err := l.file.Write(l.line("info", msg)); err != nil && l.failed == nil {
		l.failed = err
	}
}

func (l *logger) emit(level, msg string) {
	if l.file != nil {
		if _, err := l.file.Write(l.line(level, msg)); err != nil && l.failed == nil {
			l.failed = err
		}
		if level != "error" || l.silent {
			return
		}
	}
	if l.jsonOnStderr() {
		l.stderr.Write(l.line(level, msg))
		return
	}
	if level != "error" {
		msg = level + ": " + msg
	}
	fmt.Fprintf(l.stderr, "keg: %s\n", printable(msg))
}

// printable has nothing left that acts on a terminal: an error may show names
// that an image has chosen. Several errors stand on lines of their own.
func printable(msg string) string {
	plain := func(r rune) bool { return r == '\n' || r == '\t' || r != utf8.RuneError && strconv.IsPrint(r) }
	if strings.IndexFunc(msg, func(r rune) bool { return !plain(r) }) < 0 {
		return msg
	}
	var b strings.Builder
	for _, r := range msg { // invalid bytes range as utf8.RuneError
		if plain(r) {
			b.WriteRune(r)
		} else {
			q := strconv.QuoteRuneToASCII(r)
			b.WriteString(q[1 : len(q)-1])
		}
	}
	return b.String()
}

// jsonOnStderr: without --log, standard error is the log.
func (l *logger) jsonOnStderr() bool { return l.json && l.file == nil }

// line is one message as it stands in the log, in one write: several kegs
// append to the same file.
func (l *logger) line(level, msg string) []byte {
	now := time.Now().UTC().Format(time.RFC3339)
	if !l.json {
		return []byte("time=" + strconv.Quote(now) + " level=" + level + " msg=" + strconv.Quote(msg) + "\n")
	}
	b := append([]byte(`{"level":"`), level...)
	b = appendJSONString(append(b, `","msg":`...), msg)
	b = append(b, `,"time":"`...)
	b = append(b, now...)
	return append(b, "\"}\n"...)
}
