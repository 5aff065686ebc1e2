package criu

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/checkpoint-restore/go-criu/v8/rpc"

	"github.com/keg-project/keg/linux"
)

// firstFile is the number that CRIU has the first of Config.Files under.
const firstFile = 4

const socketFile = 3

// Config says how CRIU is started.
type Config struct {
	Program string       // its path
	Files   []*os.File   // that requests name, from firstFile on
	Session bool         // it stays in the caller's session, and gets the signals of the terminal's keys
	Thread  func() error // called on the thread that starts it, whose namespaces and keyrings it inherits; nil: nothing

	Waiting  func() error  // asked now and then why not to wait for it any longer; nil: there never is a reason
	Patience time.Duration // how long it may take to undo what it has begun once nobody waits; 0: ten seconds
}

// Server is a CRIU that waits for one request.
type Server struct {
	config  Config
	process *os.Process
	pidfd   int // tells of its end, also while a helper of it still holds the socket open
	socket  *os.File
	output  *os.File // what it and its helpers have written, other than to its log
}

// Start starts `criu swrk`. Without Session no key of a terminal's ends it: in the midst
// of a dump, that would leave processes stopped for ever.
func Start(c Config) (*Server, error) {
	ours, theirs, err := linux.SocketPair()
	if err != nil {
		return nil, err
	}
	defer theirs.Close()
	s := &Server{config: c, socket: ours, pidfd: -1}
	if s.output, err = linux.OutputFile("criu"); err == nil {
		err = s.start(theirs)
	}
	if err == nil {
		s.pidfd, err = linux.PidfdOpen(s.process.Pid)
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (s *Server) start(theirs *os.File) error {
	c := s.config
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer null.Close()
	attr := &os.ProcAttr{
		Files: append([]*os.File{null, s.output, s.output, theirs}, c.Files...),
		Sys:   &syscall.SysProcAttr{Setsid: !c.Session},
	}
	args := []string{"criu", "swrk", strconv.Itoa(socketFile)}
	if c.Thread == nil {
		s.process, err = os.StartProcess(c.Program, args, attr)
		return err
	}
	return linux.OnThread(func() error {
		if err := c.Thread(); err != nil {
			return err
		}
		s.process, err = os.StartProcess(c.Program, args, attr)
		return err
	})
}

// Pid is CRIU's.
func (s *Server) Pid() int { return s.process.Pid }

// Notice is what CRIU says before it goes on: name is one of criu(8)'s action
// scripts. Pid and File come with some of them.
type Notice struct {
	Name string
	Pid  int
	File *os.File // the caller's to close
}

// Do sends the request, and returns when CRIU has done it or failed. An error of
// notice has CRIU give up and undo what it has begun; it is not asked again.
func (s *Server) Do(req *rpc.CriuReq, notice func(Notice) error) (*rpc.CriuResp, error) {
	var stopped error
	for kind := req.GetType(); ; {
		resp, file, err := s.exchange(req)
		if err != nil || resp.GetType() != rpc.CriuReqType_NOTIFY || stopped != nil {
			file.Close()
		}
		switch {
		case err == nil && resp.GetType() == rpc.CriuReqType_NOTIFY:
		case stopped != nil:
			return nil, stopped
		case err != nil:
			return nil, err
		default:
			return result(kind, resp)
		}
		if stopped == nil {
			stopped = notice(Notice{resp.GetNotify().GetScript(), int(resp.GetNotify().GetPid()), file})
		}
		answer, ok := rpc.CriuReqType_NOTIFY, stopped == nil
		req = &rpc.CriuReq{Type: &answer, NotifySuccess: &ok}
	}
}

// result is the answer to a request of that type.
func result(kind rpc.CriuReqType, resp *rpc.CriuResp) (*rpc.CriuResp, error) {
	switch {
	case !resp.GetSuccess():
		return nil, &Refusal{Message: resp.GetCrErrmsg(), Errno: syscall.Errno(max(resp.GetCrErrno(), -resp.GetCrErrno()))}
	case resp.GetType() != kind:
		return nil, fmt.Errorf("CRIU answers %v to %v", resp.GetType(), kind)
	}
	return resp, nil
}

// exchange sends one message and waits for the next, and for the file that may
// come with it, which is the caller's to close.
func (s *Server) exchange(req *rpc.CriuReq) (*rpc.CriuResp, *os.File, error) {
	data, err := req.MarshalVT()
	if err == nil {
		err = linux.Send(int(s.socket.Fd()), data)
	}
	if err != nil && !gone(err) {
		return nil, nil, err
	}
	if told, err := s.await(); err != nil {
		return nil, nil, err
	} else if !told {
		return nil, nil, s.died()
	}
	data, file, err := s.receive()
	switch {
	case len(data) == 0 && err == nil, gone(err):
		return nil, file, s.died()
	case err != nil:
		return nil, file, err
	}
	resp := new(rpc.CriuResp)
	if err := resp.UnmarshalVT(data); err != nil {
		return nil, file, fmt.Errorf("CRIU's answer: %w", err)
	}
	return resp, file, nil
}

// await waits for a message or for CRIU's end: what it has started may have the
// socket as well, and then that has none.
func (s *Server) await() (told bool, err error) {
	const slice = 100 * time.Millisecond
	for {
		told, err := linux.ReadableBefore(int(s.socket.Fd()), s.pidfd, slice)
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			return told, err
		}
		if s.config.Waiting == nil {
			continue
		}
		if err := s.config.Waiting(); err != nil {
			return false, err
		}
	}
}

func (s *Server) receive() (data []byte, file *os.File, err error) {
	buf := make([]byte, 64<<10)
	n, fds, err := linux.Receive(int(s.socket.Fd()), buf)
	for i, fd := range fds {
		if i == 0 {
			file = os.NewFile(uintptr(fd), "from CRIU")
		} else {
			syscall.Close(fd)
		}
	}
	return buf[:n], file, err
}

func gone(err error) bool { return errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET) }

// died says how CRIU has ended without an answer.
func (s *Server) died() error {
	state, err := s.wait()
	if err != nil {
		return err
	}
	said := "it said nothing"
	if text := s.said(); text != "" {
		said = text
	}
	return &Refusal{Message: fmt.Sprintf("CRIU has ended without an answer, %v: %s", state, said)}
}

// said is the end of what CRIU has written outside of its log: the loader's
// complaint, or that of a tool which CRIU calls.
func (s *Server) said() string {
	const most = 1000
	info, err := s.output.Stat()
	if err != nil {
		return ""
	}
	from := max(info.Size()-most, 0)
	text, _ := io.ReadAll(io.NewSectionReader(s.output, from, most))
	return strings.Join(strings.FieldsFunc(strings.TrimSpace(string(text)), func(r rune) bool { return r == '\n' }), "; ")
}

// wait waits for CRIU's end, and brings it about in time.
func (s *Server) wait() (*os.ProcessState, error) {
	s.socket.Close()
	timer := time.AfterFunc(cmp.Or(s.config.Patience, 10*time.Second), func() { s.process.Kill() })
	defer timer.Stop()
	return s.process.Wait()
}

// Close ends CRIU, if it has not ended by itself: without its caller it undoes
// what it has begun.
func (s *Server) Close() {
	if s.process != nil {
		s.wait() //nolint:errcheck // it has been waited for already, or there is nothing to wait for
	}
	s.socket.Close()
	s.output.Close()
	if s.pidfd >= 0 {
		syscall.Close(s.pidfd)
		s.pidfd = -1
	}
}
