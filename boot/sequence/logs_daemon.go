package sequence

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/keg-project/keg/linux"
)

// daemonLogs are collected by a daemon, as LinuxKit's memlogd: it is sent, by a
// datagram with the stream's name, one end of a pair of sockets. Once it does not
// take one, the rest is in files: a container must not be left out for its log.
type daemonLogs struct {
	write, read string
	files       fileLogs
	say         func(format string, args ...any)
	failed      bool
}

type daemonStream struct {
	*os.File
	name, read string
}

func (l *daemonLogs) open(name string) (stream, error) {
	if !l.failed {
		s, err := l.hand(name)
		if err == nil {
			return s, nil
		}
		l.failed = true
		l.say("%v: nobody takes logs there; they are in %s from now on", err, l.files.dir)
	}
	return l.files.open(name)
}

func (l *daemonLogs) hand(name string) (stream, error) {
	ours, theirs, err := linux.StreamPair()
	if err != nil {
		return nil, err
	}
	defer theirs.Close()
	s, err := linux.DialUnixDatagram(l.write)
	if err != nil {
		return nil, errors.Join(err, ours.Close())
	}
	defer s.Close()
	if err := linux.SendFile(s, theirs, name); err != nil {
		return nil, errors.Join(err, ours.Close())
	}
	return daemonStream{ours, name, l.read}, nil
}

func (l *daemonLogs) end() error {
	if !l.failed {
		return nil
	}
	return l.files.end()
}

func (s daemonStream) file() *os.File { return s.File }

// finish lets the daemon see the end, and so all of it, before it is asked.
func (s daemonStream) finish() error { return s.Close() }

// patience with a daemon that does not answer: a boot must not hang for what it
// would show.
const patience = 5 * time.Second

// dump asks the daemon for all that it has: a zero byte is the question, and the
// answer has lines "time,name;text". LinuxKit's docs/logging.md
func (s daemonStream) dump(console io.Writer) error {
	query, err := linux.DialUnix(s.read)
	if err != nil {
		return err
	}
	defer query.Close()
	if err := linux.Send(int(query.Fd()), []byte{0}); err != nil {
		return err
	}
	lines := bufio.NewReader(untilDeadline{query, time.Now().Add(patience)})
	for {
		line, err := lines.ReadString('\n')
		if line != "" && logName(line) == s.name {
			fmt.Fprintln(console, strings.TrimSuffix(line, "\n"))
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", s.read, err)
		}
	}
}

func logName(line string) string {
	head, _, _ := strings.Cut(line, ";")
	_, name, _ := strings.Cut(head, ",")
	return name
}

// untilDeadline reads a socket that blocks.
type untilDeadline struct {
	socket *os.File
	end    time.Time
}

func (r untilDeadline) Read(p []byte) (int, error) {
	if _, err := linux.ReadableBefore(int(r.socket.Fd()), -1, max(0, time.Until(r.end))); err != nil {
		return 0, err
	}
	return r.socket.Read(p)
}
