package checkpoint

import (
	"os"
	"os/exec"
	"strings"
	"syscall"

	"github.com/checkpoint-restore/go-criu/v8/rpc"

	"github.com/keg-project/keg/linux"
)

// A CRIU of the tests' own, for what the real one does only if the images are
// with all of root's rights, in the namespaces that $KEG_TEST_CRIU names.
const fakePart = "KEG_TEST_CRIU"

// fakeNote is the file that it makes before it hangs.
const fakeNote = "KEG_TEST_NOTE"

const fakeSocket = 3

func playCRIU() int {
	words := strings.Fields(os.Getenv(fakePart))
	has := func(word string) bool {
		for _, w := range words {
			if w == word {
				return true
			}
		}
		return false
	}
	var req rpc.CriuReq
	fakeHear(&req)
	yes := true
	if req.GetType() == rpc.CriuReqType_VERSION {
		major, minor := int32(4), int32(1)
		fakeTell(&rpc.CriuResp{Type: req.Type, Success: &yes, Version: &rpc.CriuVersion{MajorNumber: &major, MinorNumber: &minor}}, nil)
		return 0
	}
	pid := restored(has)
	if !fakeNotify("setup-namespaces", pid, nil) {
		return 1
	}
	if has("hang") {
		os.WriteFile(os.Getenv(fakeNote), nil, 0o600)
		fakeHear(&req) // until keg gives up
	}
	if has("terminal") && !fakeNotify("orphan-pts-master", 0, os.Stderr) {
		return 1
	}
	if !fakeNotify("post-restore", pid, nil) {
		return 1
	}
	if !has("hasty") {
		fakeNotify("pre-resume", 0, nil) // as CRIU, it does not care for the answer
	}
	number := int32(pid)
	fakeTell(&rpc.CriuResp{Type: req.Type, Success: &yes, Restore: &rpc.CriuRestoreResp{Pid: &number}}, nil)
	return 0
}

// restored starts the program, as keg's child.
func restored(has func(string) bool) int {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		os.Exit(9)
	}
	flags := uintptr(syscall.CLONE_PARENT)
	for word, flag := range map[string]uintptr{"mnt": syscall.CLONE_NEWNS, "uts": syscall.CLONE_NEWUTS, "ipc": syscall.CLONE_NEWIPC, "pid": syscall.CLONE_NEWPID} {
		if has(word) {
			flags |= flag
		}
	}
	path, err := exec.LookPath("sleep")
	if err != nil {
		os.Exit(9)
	}
	p, err := os.StartProcess(path, []string{"sleep", "1000"}, &os.ProcAttr{
		Files: []*os.File{null, null, null}, Sys: &syscall.SysProcAttr{Cloneflags: flags, Setsid: true},
	})
	if err != nil {
		os.Stderr.WriteString(err.Error())
		os.Exit(9)
	}
	return p.Pid
}

func fakeHear(req *rpc.CriuReq) {
	buf := make([]byte, 64<<10)
	n, _, err := linux.Receive(fakeSocket, buf)
	if err != nil || n == 0 || req.UnmarshalVT(buf[:n]) != nil {
		os.Exit(8)
	}
}

func fakeTell(resp *rpc.CriuResp, file *os.File) {
	data, err := resp.MarshalVT()
	switch {
	case err != nil:
	case file == nil:
		err = linux.Send(fakeSocket, data)
	default:
		err = linux.SendFile(os.NewFile(fakeSocket, "socket"), file, string(data))
	}
	if err != nil {
		os.Exit(7)
	}
}

func fakeNotify(name string, pid int, file *os.File) bool {
	kind, ok, number := rpc.CriuReqType_NOTIFY, true, int32(pid)
	fakeTell(&rpc.CriuResp{Type: &kind, Success: &ok, Notify: &rpc.CriuNotify{Script: &name, Pid: &number}}, file)
	var req rpc.CriuReq
	fakeHear(&req)
	return req.GetNotifySuccess()
}
