package cri

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/moby/spdystream"
	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// spdy connects to the streaming server, as an API server does on behalf of kubectl.
func (n *node) spdy(t testing.TB, address, protocol string) *spdystream.Connection {
	t.Helper()
	u, err := url.Parse(address)
	must(t, err)
	conn, err := n.dial(u.Host)
	must(t, err)
	t.Cleanup(func() { conn.Close() })
	request, err := http.NewRequest("POST", address, nil)
	must(t, err)
	request.Header.Set("Connection", "Upgrade")
	request.Header.Set("Upgrade", "SPDY/3.1")
	request.Header.Set("X-Stream-Protocol-Version", protocol)
	must(t, request.Write(conn))
	// The server says nothing more until it is spoken to: nothing stays in the buffer.
	answer, err := http.ReadResponse(bufio.NewReader(conn), request)
	must(t, err)
	if answer.StatusCode != http.StatusSwitchingProtocols {
		body, _ := io.ReadAll(answer.Body)
		t.Fatalf("%s: %s", answer.Status, body)
	}
	s, err := spdystream.NewConnection(conn, false)
	must(t, err)
	go s.Serve(spdystream.NoOpStreamHandler)
	return s
}

func openStream(t testing.TB, conn *spdystream.Connection, kind string, headers map[string]string) *spdystream.Stream {
	t.Helper()
	h := http.Header{}
	h.Set("streamType", kind)
	for name, value := range headers {
		h.Set(name, value)
	}
	s, err := conn.CreateStream(h, nil, false)
	must(t, err)
	must(t, s.Wait())
	return s
}

// session is what kubectl exec and attach have: streams to a process.
type session struct {
	t                     testing.TB
	problems, in, resizes *spdystream.Stream
	out, err              *screen
}

// screen keeps what came.
type screen struct {
	sync.Mutex
	text   strings.Builder
	closed bool
}

func (s *screen) read(from io.Reader) {
	buf := make([]byte, 4096)
	for {
		n, err := from.Read(buf)
		s.Lock()
		s.text.Write(buf[:n])
		s.closed = err != nil
		s.Unlock()
		if err != nil {
			return
		}
	}
}

func (s *screen) now() (text string, closed bool) {
	s.Lock()
	defer s.Unlock()
	return s.text.String(), s.closed
}

func (n *node) session(t testing.TB, address string, tty bool) *session {
	t.Helper()
	conn := n.spdy(t, address, "v4.channel.k8s.io")
	s := &session{t: t, out: &screen{}, err: &screen{}}
	s.problems = openStream(t, conn, "error", nil)
	s.in = openStream(t, conn, "stdin", nil)
	go s.out.read(openStream(t, conn, "stdout", nil))
	if tty {
		s.resizes = openStream(t, conn, "resize", nil)
	} else {
		go s.err.read(openStream(t, conn, "stderr", nil))
	}
	return s
}

func (c *container) execSession(t testing.TB, tty bool, command ...string) *session {
	t.Helper()
	answer, err := c.pod.node.Exec(bg, &cri.ExecRequest{ContainerId: c.id, Cmd: command, Tty: tty, Stdin: true, Stdout: true, Stderr: !tty})
	must(t, err)
	return c.pod.node.session(t, answer.Url, tty)
}

func (c *container) attach(t testing.TB) *session {
	t.Helper()
	tty := c.config.Tty
	answer, err := c.pod.node.Attach(bg, &cri.AttachRequest{ContainerId: c.id, Tty: tty, Stdin: true, Stdout: true, Stderr: !tty})
	must(t, err)
	return c.pod.node.session(t, answer.Url, tty)
}

func (s *session) write(text string) {
	s.t.Helper()
	_, err := io.WriteString(s.in, text)
	must(s.t, err)
}

func (s *session) resize(width, height int) {
	s.t.Helper()
	must(s.t, json.NewEncoder(s.resizes).Encode(map[string]int{"Width": width, "Height": height}))
}

// shows waits until text is on the screen.
func (s *session) shows(text string) {
	s.t.Helper()
	eventually(s.t, text, func() (any, bool) {
		now, _ := s.out.now()
		return now, strings.Contains(now, text)
	})
}

// status is how it ended: "Success", or the exit code, or what was wrong.
func (s *session) status() string {
	s.t.Helper()
	text, err := io.ReadAll(s.problems)
	must(s.t, err)
	var status struct {
		Status, Reason, Message string
		Details                 struct {
			Causes []struct{ Reason, Message string }
		}
	}
	must(s.t, json.Unmarshal(text, &status))
	if status.Reason == "NonZeroExitCode" {
		return status.Details.Causes[0].Message
	}
	if status.Status == "Success" {
		return status.Status
	}
	return status.Message
}
