package criu

import (
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

// FirstFile is the number that CRIU has the first of Config.Files under.
const FirstFile = 4

const socketFile = 3

// Config says how CRIU is started.
type Config struct {
	Program string       // its path
	Files   []*os.File   // that requests name, from FirstFile on
	Session bool         // it stays in the caller's session, and gets the signals of the terminal's keys
	Thread  func() error // called on the thread that starts it, whose namespaces and keyrings it inherits; nil: nothing
}

// Server is a CRIU that waits for one request.
type Server struct {
	process *os.Process
	socket  *os.File
	output  *os.File // what it and its helpers have written, other than to its log
}

// Start starts `criu swrk`. It takes no part in the terminal's signals: one that
// ends it in the midst of a dump would leave processes stopped for ever.
func Start(c Config) (*Server, error) {
	ours, theirs, err := linux.SocketPair()
	if err != nil {
		return nil, err
	}
	defer theirs.Close()
	s := &Server{socket: ours}
	if s.output, err = linux.OutputFile("criu"); err == nil {
		err = s.start(c, theirs)
	}
	if err != nil {
		ours.Close()
		s.output.Close()
		return nil, err
	}
	return s, nil
}

func (s *Server) start(c Config, theirs *os.File) error {
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
// notice has CRIU give up and undo what it has begun.
func (s *Server) Do(req *rpc.CriuReq, notice func(Notice) error) (*rpc.CriuResp, error) {
	var stopped error
	for {
		resp, file, err := s.exchange(req)
		switch {
		case err != nil && stopped != nil:
			return nil, stopped
		case err != nil:
			return nil, err
		case resp.GetType() == rpc.CriuReqType_NOTIFY:
		case stopped != nil:
			return nil, stopped
		case !resp.GetSuccess():
			return nil, &Refusal{Message: resp.GetCrErrmsg(), Errno: syscall.Errno(max(resp.GetCrErrno(), -resp.GetCrErrno()))}
		case resp.GetType() != req.GetType() && req.GetType() != rpc.CriuReqType_NOTIFY:
			return nil, fmt.Errorf("CRIU answers %v to %v", resp.GetType(), req.GetType())
		default:
			return resp, nil
		}
		if err := notice(Notice{resp.GetNotify().GetScript(), int(resp.GetNotify().GetPid()), file}); err != nil {
			stopped = err
		}
		kind, ok := rpc.CriuReqType_NOTIFY, stopped == nil
		req = &rpc.CriuReq{Type: &kind, NotifySuccess: &ok}
	}
}

// exchange sends one message and waits for the next, and for the file that may
// come with it.
func (s *Server) exchange(req *rpc.CriuReq) (*rpc.CriuResp, *os.File, error) {
	data, err := req.MarshalVT()
	if err == nil {
		err = linux.Send(int(s.socket.Fd()), data)
	}
	if err != nil && !gone(err) {
		return nil, nil, err
	}
	buf := make([]byte, 64<<10)
	n, fds, err := linux.Receive(int(s.socket.Fd()), buf)
	var file *os.File
	for i, fd := range fds {
		if i == 0 {
			file = os.NewFile(uintptr(fd), "from CRIU")
		} else {
			syscall.Close(fd)
		}
	}
	switch {
	case n == 0 && err == nil, gone(err):
		return nil, nil, s.died()
	case err != nil:
		return nil, nil, err
	}
	resp := new(rpc.CriuResp)
	if err := resp.UnmarshalVT(buf[:n]); err != nil {
		return nil, nil, fmt.Errorf("CRIU's answer: %w", err)
	}
	return resp, file, nil
}

func gone(err error) bool { return errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET) }

// patience is how long CRIU may take to undo what it has begun once nobody waits
// for it any more.
const patience = 10 * time.Second

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
	timer := time.AfterFunc(patience, func() { s.process.Kill() })
	defer timer.Stop()
	return s.process.Wait()
}

// Close ends CRIU, if it has not ended by itself: without its caller it undoes
// what it has begun.
func (s *Server) Close() {
	s.wait() //nolint:errcheck // it has been waited for already, or there is nothing to wait for
	s.output.Close()
}
