package systemd

import (
	"net"
	"time"
)

// socket has godbus send the last two lines of the authentication together. A
// manager that reads BEGIN, the last, together with the first message waits for
// more before it looks at that message, and no more comes; on a busy machine it
// may read late enough.
type socket struct {
	net.Conn
	begun bool
}

// Write has an end, which a call's context does not give it.
func (s *socket) Write(p []byte) (int, error) {
	if err := s.SetWriteDeadline(time.Now().Add(callTimeout)); err != nil {
		return 0, err
	}
	switch string(p) {
	case "DATA\r\n":
		if _, err := s.Conn.Write([]byte("DATA\r\nBEGIN\r\n")); err != nil {
			return 0, err
		}
		return len(p), nil
	case "BEGIN\r\n":
		s.begun = true
		return len(p), nil
	}
	return s.Conn.Write(p)
}

// Read reads the authentication byte by byte: behind its last line there may be
// a signal already, and godbus drops what it has read beyond that line.
func (s *socket) Read(p []byte) (int, error) {
	if !s.begun && len(p) > 0 {
		p = p[:1]
	}
	return s.Conn.Read(p)
}
