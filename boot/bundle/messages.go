package bundle

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// SilentVariable, in the environment, is for a `keg create` whose log is read at
// once: what is an error there is not for the standard error, which a console may
// show as well.
const SilentVariable = "KEG_BOOT_SILENT"

// messages are what `keg create` says in its log, which stays apart from what
// the program says later.
type messages struct{ file *os.File }

// newMessages has no name: nothing is left of it, whatever happens.
func newMessages() (messages, error) {
	f, err := os.CreateTemp("", "keg-boot-")
	if err != nil {
		return messages{}, err
	}
	return messages{f}, os.Remove(f.Name())
}

func (m messages) close() { m.file.Close() }

// cutShort: keg has not come to an end of its own, and so may have taken back
// nothing.
type cutShort string

func (e cutShort) Error() string { return string(e) }

// result turns an exit status into an error, with the reason that keg gave.
// Warnings are passed on; the rest, for who debugs, goes where the program's
// errors go.
func (m messages) result(status syscall.WaitStatus, b *Bundle, stderr *os.File, say func(string, ...any)) error {
	text, err := io.ReadAll(io.NewSectionReader(m.file, 0, 1<<20))
	if err != nil {
		return err
	}
	reason := ""
	for line := range strings.Lines(string(text)) {
		switch level, message := parseMessage(line); {
		case level == "error":
			reason = message
		case level == "warning":
			say("%s: %s", b.Title, message)
		case stderr != nil:
			fmt.Fprint(stderr, line)
		}
	}
	switch {
	case status.Exited() && status.ExitStatus() == 0:
		return nil
	case reason != "":
		return errors.New(reason)
	case status.Signaled():
		return cutShort(fmt.Sprintf("keg was ended by signal %d", status.Signal()))
	}
	return cutShort(fmt.Sprintf("keg ended with status %d", status.ExitStatus()))
}

// parseMessage reads a line of keg's log: time="…" level=error msg="…".
func parseMessage(line string) (level, message string) {
	_, rest, _ := strings.Cut(line, " level=")
	level, quoted, _ := strings.Cut(strings.TrimSuffix(rest, "\n"), " msg=")
	message, err := strconv.Unquote(quoted)
	if err != nil {
		return "", ""
	}
	return level, message
}
