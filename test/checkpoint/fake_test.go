package checkpoint

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"github.com/checkpoint-restore/go-criu/v8/rpc"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/test/kegtest"
)

// A CRIU of the tests' own, for what the real one does only if the images are
// with all of root's rights, in the namespaces that $KEG_TEST_CRIU names.
const fakePart = "KEG_TEST_CRIU"

// fakeNote is the file that it makes before it hangs, and in which it writes down
// what has become of the process that it has made.
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
	if has("admitted") {
		fakeEnters(req.GetOpts())
	}
	pid := restored(has)
	said := pid
	if has("liar") {
		said = os.Getppid()
	}
	if !fakeNotify("setup-namespaces", said, nil) {
		return 1
	}
	if has("hang") {
		os.WriteFile(os.Getenv(fakeNote), nil, 0o600)
		fakeHear(&req) // until keg gives up
	}
	if has("terminal") && !fakeNotify("orphan-pts-master", 0, os.Stderr) {
		return 1
	}
	if has("outside") && !fakeOutside(pid) {
		return 1
	}
	if !fakeNotify("post-restore", pid, nil) {
		return 1
	}
	if has("late") {
		os.WriteFile(os.Getenv(fakeNote), nil, 0o600)
		linux.Receive(fakeSocket, make([]byte, 1)) // until keg gives up
		fakeFate(pid)
		return 1
	}
	if !has("hasty") {
		fakeResume(pid, has("starve"))
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

// fakeRoot is the container's root, and fakeImage what it reads.
const fakeRoot, fakeImage = 100000, "pages-1.img"

// fakeEnters, as the container's root, writes down an image, or what keeps it from that
// or from the root.
func fakeEnters(opts *rpc.CriuOpts) {
	images, err := os.Open("/proc/" + strconv.Itoa(os.Getppid()) + "/fd/" + strconv.Itoa(int(opts.GetImagesDirFd())))
	if err != nil {
		os.Exit(5)
	}
	cmd := exec.Command("sh", "-c", "cd "+opts.GetRoot()+"/bin && cat /proc/self/fd/3/"+fakeImage)
	cmd.ExtraFiles = []*os.File{images}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: fakeRoot, Gid: fakeRoot}}
	said, _ := cmd.CombinedOutput()
	os.WriteFile(os.Getenv(fakeNote), said, 0o600)
}

// fakeOutside puts the process into a cgroup that is not the container's.
func fakeOutside(pid int) (done bool) {
	for _, root := range []string{"/sys/fs/cgroup/pids", "/sys/fs/cgroup"} {
		done = done || os.WriteFile(root+"/cgroup.procs", []byte(strconv.Itoa(pid)), 0) == nil
	}
	return done
}

// fakeResume, as CRIU, does not care for the answer.
func fakeResume(pid int, starve bool) {
	if !starve {
		fakeNotify("pre-resume", 0, nil)
		return
	}
	few, before := &syscall.Rlimit{Cur: 3, Max: 1 << 10}, new(syscall.Rlimit)
	fakeLimit(few, before)
	fakeNotify("pre-resume", 0, nil)
	fakeFate(pid)
	fakeLimit(before, nil)
}

// fakeLimit says how many files keg can open.
func fakeLimit(limit, before *syscall.Rlimit) {
	if before != nil {
		syscall.RawSyscall6(syscall.SYS_PRLIMIT64, uintptr(os.Getppid()), syscall.RLIMIT_NOFILE, 0, uintptr(unsafe.Pointer(before)), 0, 0)
		limit.Max = before.Max
	}
	if _, _, err := syscall.RawSyscall6(syscall.SYS_PRLIMIT64, uintptr(os.Getppid()), syscall.RLIMIT_NOFILE, uintptr(unsafe.Pointer(limit)), 0, 0, 0); err != 0 {
		os.Exit(6)
	}
}

// fakeFate writes down whether the process ends, while nobody but keg can end it. That
// it goes on is written before: keg may have enough of waiting for CRIU.
func fakeFate(pid int) {
	os.WriteFile(os.Getenv(fakeNote), []byte("goes on"), 0o600)
	for range 6000 {
		if !kegtest.Alive(pid) {
			os.WriteFile(os.Getenv(fakeNote), []byte("ended"), 0o600)
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
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
