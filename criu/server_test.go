package criu

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/checkpoint-restore/go-criu/v8/rpc"

	"github.com/keg-project/keg/linux"
)

// The tests' CRIU is this test binary: what it does is in $KEG_TEST_CRIU.
const part = "KEG_TEST_CRIU"

func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "swrk" {
		os.Exit(play(os.Getenv(part)))
	}
	os.Exit(m.Run())
}

// play answers one request.
func play(what string) int {
	var req rpc.CriuReq
	hear(&req)
	switch what {
	case "old", "young":
		return version(&req, map[string]int32{"old": 13, "young": 14}[what])
	case "mute":
		os.Stderr.WriteString("criu: error while loading shared libraries: libnet.so.1\n")
		return 127
	case "hang":
		time.Sleep(time.Hour)
	case "orphan":
		return orphan()
	case "garbage":
		linux.SendFile(os.NewFile(socketFile, "socket"), os.Stderr, "no message of CRIU's")
	case "dump":
		return dump(&req)
	case "restore":
		return restore(&req)
	}
	return 0
}

// orphan ends without an answer, and leaves a process that has its socket, until
// the file that it reads ends.
func orphan() int {
	_, err := os.StartProcess("/bin/cat", []string{"cat"}, &os.ProcAttr{Files: []*os.File{
		os.NewFile(firstFile, "until"), os.Stdout, os.Stderr, os.NewFile(socketFile, "socket"),
	}})
	if err != nil {
		return 4
	}
	return 3
}

func hear(req *rpc.CriuReq) {
	buf := make([]byte, 64<<10)
	n, _, err := linux.Receive(socketFile, buf)
	if err == nil && n > 0 {
		err = req.UnmarshalVT(buf[:n])
	}
	if err != nil || n == 0 {
		os.Exit(9)
	}
}

func tell(resp *rpc.CriuResp) {
	data, err := resp.MarshalVT()
	if err == nil {
		err = linux.Send(socketFile, data)
	}
	if err != nil {
		os.Exit(8)
	}
}

// notify says where it is, and tells whether to go on.
func notify(name string, pid int32, file *os.File) bool {
	kind, ok := rpc.CriuReqType_NOTIFY, true
	resp := &rpc.CriuResp{Type: &kind, Success: &ok, Notify: &rpc.CriuNotify{Script: &name, Pid: &pid}}
	if file == nil {
		tell(resp)
	} else {
		data, _ := resp.MarshalVT()
		if err := linux.SendFile(os.NewFile(socketFile, "socket"), file, string(data)); err != nil {
			os.Exit(7)
		}
	}
	var req rpc.CriuReq
	hear(&req)
	return req.GetType() == rpc.CriuReqType_NOTIFY && req.GetNotifySuccess()
}

func answer(req *rpc.CriuReq, ok bool, resp rpc.CriuResp) {
	resp.Type, resp.Success = req.Type, &ok
	tell(&resp)
}

func refuse(req *rpc.CriuReq, why string) {
	errno := int32(syscall.EBUSY)
	answer(req, false, rpc.CriuResp{CrErrmsg: &why, CrErrno: &errno})
}

func version(req *rpc.CriuReq, minor int32) int {
	major := int32(3)
	if req.GetType() == rpc.CriuReqType_FEATURE_CHECK {
		no := false
		answer(req, true, rpc.CriuResp{Features: &rpc.CriuFeatures{MemTrack: req.Features.MemTrack, LazyPages: &no}})
		return 0
	}
	answer(req, true, rpc.CriuResp{Version: &rpc.CriuVersion{MajorNumber: &major, MinorNumber: &minor}})
	return 0
}

// dump writes a log where it is told to, and succeeds if it may go on everywhere.
func dump(req *rpc.CriuReq) int {
	o := req.GetOpts()
	log := fmt.Sprintf("/proc/%d/fd/%d/%s", os.Getppid(), o.GetWorkDirFd(), o.GetLogFile()) // as CRIU finds it
	text := "(00.01) Warn  (criu/a.c:1): not this\n(00.02)      1: Error (criu/b.c:2): sk inet: Connected TCP socket, consider using --tcp-established option.\n" +
		"(00.03) Error (criu/c.c:3): Dumping FAILED.\n"
	if err := os.WriteFile(log, []byte(text), 0o600); err != nil {
		os.Exit(6)
	}
	if !notify("pre-dump", 0, nil) || !notify("post-dump", 0, nil) || o.GetPid() != 42 {
		refuse(req, "told to stop")
		return 0
	}
	answer(req, o.GetTcpEstablished(), rpc.CriuResp{})
	return 0
}

// restore hands over a file, and says what it was handed.
func restore(req *rpc.CriuReq) int {
	o := req.GetOpts()
	in := o.GetInheritFd()
	sid, _, _ := syscall.RawSyscall(syscall.SYS_GETSID, 0, 0, 0)
	if len(in) != 1 || in[0].GetKey() != "pipe:[1]" || !o.GetRstSibling() || int(sid) != os.Getpid() {
		os.Exit(5)
	}
	file := os.NewFile(uintptr(in[0].GetFd()), "inherited")
	pid := int32(os.Getpid())
	if !notify("setup-namespaces", pid, nil) || !notify("orphan-pts-master", 0, file) {
		refuse(req, "told to stop")
		return 0
	}
	answer(req, true, rpc.CriuResp{Restore: &rpc.CriuRestoreResp{Pid: &pid}})
	return 0
}

func as(t *testing.T, what string) (program string, o *Options) {
	t.Helper()
	t.Setenv(part, what)
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dir.Close() })
	return program, &Options{Images: dir, Work: dir, Pid: 42}
}

func wantError(t *testing.T, err error, want ...string) {
	t.Helper()
	for _, w := range want {
		if err == nil || !strings.Contains(err.Error(), w) {
			t.Errorf("got %v, want %q", err, w)
		}
	}
}

func TestCheck(t *testing.T) {
	program, o := as(t, "old")
	wantError(t, Check(Config{Program: program}, o), program+" is version 3.13.0, and keg needs 3.14.0 or newer")
	program, o = as(t, "young")
	if err := Check(Config{Program: program}, o); err != nil {
		t.Error(err)
	}
	o.TrackMemory = true
	if err := Check(Config{Program: program}, o); err != nil {
		t.Error(err)
	}
	o.LazyPages = true
	wantError(t, Check(Config{Program: program}, o), "--lazy-pages: this kernel cannot")
	program, o = as(t, "mute")
	wantError(t, Check(Config{Program: program}, o), program+": CRIU has ended without an answer, exit status 127: criu: error while loading shared libraries: libnet.so.1")
}

func TestDump(t *testing.T) {
	program, o := as(t, "dump")
	var heard []string
	listen := func(n Notice) error {
		heard = append(heard, n.Name)
		return nil
	}
	wantError(t, Dump(program, o, listen), "CRIU: Error (criu/b.c:2): sk inet: Connected TCP socket, consider using --tcp-established option.; see "+
		o.Work.Name()+"/dump.log (hint: --tcp-established ")
	o.TCPEstablished = true
	if err := Dump(program, o, listen); err != nil {
		t.Error(err)
	}
	if got := strings.Join(heard, " "); got != "pre-dump post-dump pre-dump post-dump" {
		t.Errorf("heard %s", got)
	}
	stop := errors.New("stop")
	if err := PreDump(program, o, func(Notice) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("got %v, want what the notice was answered", err)
	}
}

func TestRestore(t *testing.T) {
	program, o := as(t, "restore")
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	o.Inherit = []Inherited{{"pipe:[1]", w}}
	onThread := 0
	s, err := Start(Config{Program: program, Files: o.Files(), Thread: func() error { onThread = syscall.Gettid(); return nil }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	w.Close()
	var first int
	pid, err := s.Restore(o, func(n Notice) error {
		if n.Name == "setup-namespaces" {
			first = n.Pid
		}
		if n.File != nil {
			n.File.WriteString("through")
			n.File.Close()
		}
		return nil
	})
	if err != nil || pid != s.Pid() || first != pid || onThread == 0 {
		t.Errorf("pid %d, at first %d, CRIU's %d, on thread %d, %v", pid, first, s.Pid(), onThread, err)
	}
	got := make([]byte, 20)
	n, _ := r.Read(got)
	if string(got[:n]) != "through" {
		t.Errorf("the file that was handed over and back: %q", got[:n])
	}
}

func TestThreadFails(t *testing.T) {
	program, _ := as(t, "restore")
	no := errors.New("no")
	if _, err := Start(Config{Program: program, Thread: func() error { return no }}); !errors.Is(err, no) {
		t.Errorf("got %v", err)
	}
}

// A CRIU that hangs is given up when there is a reason not to wait for it.
func TestHangs(t *testing.T) {
	program, o := as(t, "hang")
	end := errors.New("no longer")
	asked := 0
	waiting := func() error {
		if asked++; asked < 2 {
			return nil
		}
		return end
	}
	if err := Check(Config{Program: program, Waiting: waiting, Patience: time.Millisecond}, o); !errors.Is(err, end) || asked != 2 {
		t.Errorf("got %v, asked %d times", err, asked)
	}
}

// CRIU's end is seen also where another process keeps its end of the socket open.
func TestOrphan(t *testing.T) {
	program, _ := as(t, "orphan")
	until, end, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer end.Close()
	s, err := Start(Config{Program: program, Files: []*os.File{until}})
	until.Close()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	_, err = s.Do(&rpc.CriuReq{Type: rpc.CriuReqType_VERSION.Enum()}, nil)
	wantError(t, err, "CRIU has ended without an answer, exit status 3")
}

// A file that came with what is of no use is closed, and so is all else.
func TestGarbage(t *testing.T) {
	program, o := as(t, "garbage")
	before := descriptors(t)
	for range 3 {
		wantError(t, Check(Config{Program: program}, o), "CRIU's answer: ")
	}
	if now := descriptors(t); now > before { // fewer: what earlier tests have left is collected at any time
		t.Errorf("%d descriptors were open, now %d", before, now)
	}
}

func descriptors(t *testing.T) int {
	t.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}
