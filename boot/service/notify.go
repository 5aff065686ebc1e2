package service

import (
	"io"
	"os"
	"strings"
	"unicode"

	"github.com/keg-project/keg/linux"
)

// maxNotification is what systemd reads of one message, and more than enough.
const maxNotification = 4096

// listenNotify makes the socket that a container gets as its NOTIFY_SOCKET, anew:
// what was bound into a container that has ended hears nothing any more. Who may
// send is decided by who has the socket in its container, so its mode lets
// all; its directory on the host is root's.
func listenNotify(dir *os.File, name string) (*os.File, error) {
	path := dir.Name() + "/" + name
	if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	s, err := linux.ListenUnix(dir, name, linux.SOCK_DGRAM)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o666); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// hear reads notifications until the socket is closed.
func hear(socket *os.File, heard func(notification)) {
	text := make([]byte, maxNotification)
	for {
		n, err := socket.Read(text)
		if err == io.EOF {
			continue // an empty message: anybody in the container can send one
		}
		if err != nil {
			return
		}
		heard(parseNotification(string(text[:n])))
	}
}

// notification is what of sd_notify(3) a supervisor can use.
type notification struct {
	Ready  bool
	Status *string
}

func parseNotification(text string) (n notification) {
	for assignment := range strings.SplitSeq(text, "\n") {
		key, value, _ := strings.Cut(assignment, "=")
		switch {
		case key == "READY" && value == "1":
			n.Ready = true
		case key == "STATUS":
			value = printable(value, 256)
			n.Status = &value
		}
	}
	return n
}

// printable has no escape sequence for the terminal of who looks at it.
func printable(text string, most int) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, text)
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	return text
}
