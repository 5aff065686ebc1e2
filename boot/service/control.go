package service

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/keg-project/keg/linux"
)

// socketName is the control socket's name in the run directory.
const socketName = "boot.sock"

// Connections that are open at a time, and how long a client may take for a
// request: the supervisor is not kept from its work by who only connects.
const (
	maxClients     = 64
	requestTimeout = 10 * time.Second
)

// control listens on the control socket.
type control struct {
	listener *os.File
	path     string
	clients  chan struct{}
	asking   sync.RWMutex // held for reading from a request to its answer's being sent
}

// listenControl makes the socket. It comes to its name with its mode: for root
// alone, and in place of what a killed supervisor has left there.
func listenControl(private *os.File, runDir string) (*control, error) {
	const temp = "control"
	made := filepath.Join(private.Name(), temp)
	if err := os.Remove(made); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	l, err := linux.ListenUnix(private, temp, linux.SOCK_STREAM)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(runDir, socketName)
	if err := errors.Join(os.Chmod(made, 0o600), os.Rename(made, path)); err != nil {
		l.Close()
		return nil, err
	}
	return &control{listener: l, path: path, clients: make(chan struct{}, maxClients)}, nil
}

// serve answers requests, each connection's one after the other, until Close.
func (c *control) serve(answer func(Request) Answer, warn func(error)) {
	for {
		conn, err := linux.Accept(c.listener)
		if errors.Is(err, os.ErrClosed) {
			return
		}
		if err != nil { // no descriptors left, perhaps: there is no use in asking at once
			warn(fmt.Errorf("%s: %w", c.path, err))
			time.Sleep(time.Second)
			continue
		}
		select {
		case c.clients <- struct{}{}:
		default:
			conn.Write(line(Answer{Error: "too many connections"}))
			conn.Close()
			continue
		}
		go func() {
			defer func() { <-c.clients }()
			c.converse(conn, answer)
		}()
	}
}

// Close removes the socket, too: who comes is told that nobody is there.
func (c *control) Close() error {
	err := os.Remove(c.path)
	if errors.Is(err, os.ErrNotExist) { // /run may have been emptied
		err = nil
	}
	return errors.Join(err, c.listener.Close())
}

// flush waits until the answers are sent that there are: the end of the process
// would be the end of them. There are no more after it.
func (c *control) flush() { c.asking.Lock() }

func (c *control) converse(conn *os.File, answer func(Request) Answer) {
	defer conn.Close()
	// The mode says the same; but a socket can be bound into a container whose
	// user is not the machine's root.
	if uid, err := linux.PeerUser(conn); err != nil || uid != 0 && uid != os.Geteuid() {
		conn.Write(line(Answer{Error: "only root may ask"}))
		return
	}
	lines := bufio.NewReaderSize(conn, maxRequest)
	for {
		conn.SetReadDeadline(time.Now().Add(requestTimeout))
		text, err := lines.ReadSlice('\n')
		if err == io.EOF && len(text) == 0 {
			return
		}
		if err != nil && err != io.EOF {
			if errors.Is(err, bufio.ErrBufferFull) {
				conn.Write(line(Answer{Error: fmt.Sprintf("the request is longer than %d bytes", maxRequest)}))
			}
			return
		}
		if err := c.reply(conn, text, answer); err != nil {
			return
		}
	}
}

func (c *control) reply(conn *os.File, text []byte, answer func(Request) Answer) error {
	c.asking.RLock()
	defer c.asking.RUnlock()
	a := Answer{}
	if request, err := parseRequest(text); err != nil {
		a.Error = err.Error()
	} else {
		a = answer(request)
	}
	conn.SetWriteDeadline(time.Now().Add(requestTimeout))
	_, err := conn.Write(line(a))
	return err
}
