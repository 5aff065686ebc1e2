package run

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// agent answers what a filter notifies, with an errno that counts up from 100,
// and tells of each container process state that it got.
func agent(t *testing.T, path string) <-chan oci.ContainerProcessState {
	t.Helper()
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	states := make(chan oci.ContainerProcessState, 8)
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.AcceptUnix()
			if err != nil {
				return
			}
			s, listener := agentReceive(c)
			states <- s
			go answerAll(listener)
		}
	}()
	return states
}

// agentReceive reads to the end, with the descriptor in the first message.
func agentReceive(c *net.UnixConn) (s oci.ContainerProcessState, listener int) {
	defer c.Close()
	buf, oob := make([]byte, 1<<16), make([]byte, 64)
	n, oobn, _, _, _ := c.ReadMsgUnix(buf, oob)
	text := buf[:n]
	for {
		more := make([]byte, 1<<16)
		n, err := c.Read(more)
		text = append(text, more[:n]...)
		if err != nil {
			break
		}
	}
	if json.Unmarshal(text, &s) != nil {
		s.Metadata = "not JSON: " + string(text)
	}
	messages, _ := syscall.ParseSocketControlMessage(oob[:oobn])
	if len(messages) != 1 {
		return s, -1
	}
	fds, _ := syscall.ParseUnixRights(&messages[0])
	return s, fds[0]
}

// answerAll ends when the last process under the filter has. seccomp_unotify(2)
func answerAll(listener int) {
	const receive, send = 0xc0502100, 0xc0182101
	defer syscall.Close(listener)
	for errno := int32(100); ; errno++ {
		var request [80]byte
		if _, _, e := syscall.Syscall(syscall.SYS_IOCTL, uintptr(listener), receive, uintptr(unsafe.Pointer(&request))); e != 0 {
			return
		}
		var answer [24]byte
		copy(answer[:8], request[:8])
		binary.NativeEndian.PutUint32(answer[16:], uint32(-errno))
		syscall.Syscall(syscall.SYS_IOCTL, uintptr(listener), send, uintptr(unsafe.Pointer(&answer)))
	}
}

func listened(t *testing.T, args ...string) (*kegtest.Bundle, <-chan oci.ContainerProcessState) {
	t.Helper()
	b := filtered(t, rule(oci.ActNotify, 0, "getpgid"), args...)
	b.Spec.Linux.Seccomp.ListenerPath = filepath.Join(b.Dir, "agent.sock")
	b.Spec.Linux.Seccomp.ListenerMetadata = "meta \"data\""
	b.Spec.Annotations = map[string]string{"a": "b"}
	return b, agent(t, b.Spec.Linux.Seccomp.ListenerPath)
}

func expectState(t *testing.T, b *kegtest.Bundle, states <-chan oci.ContainerProcessState, pid string, status oci.ContainerState) {
	t.Helper()
	select {
	case s := <-states:
		if len(s.Fds) != 1 || s.Fds[0] != oci.SeccompFdName || strconv.Itoa(s.Pid) != pid || s.Metadata != "meta \"data\"" || s.Version == "" {
			t.Errorf("%+v, pid %s", s, pid)
		}
		if s.State.ID != b.ID() || s.State.Bundle != b.Dir || s.State.Status != status || s.State.Pid == 0 || s.State.Annotations["a"] != "b" {
			t.Errorf("%+v", s.State)
		}
	case <-time.After(time.Minute):
		t.Fatal("the agent got nothing")
	}
}

func TestSeccompNotifyRun(t *testing.T) {
	for _, nnp := range []bool{true, false} {
		b, states := listened(t, "sh", "-c", "call "+getpgid+"; call "+getpgid+"; ls /proc/self/fd | wc -l")
		b.Spec.Process.NoNewPrivileges = nnp
		pidFile := filepath.Join(b.Dir, "pid")
		got := b.Output("--pid-file", pidFile)
		expectState(t, b, states, content(t, pidFile), oci.StateCreating)
		if got != "-100\n-101\n4\n" {
			t.Errorf("%q", got)
		}
	}
}

func TestSeccompNotifyCreateStart(t *testing.T) {
	b, states := listened(t, "sh", "-c", "call "+getpgid+" > /tmp/out; exec sleep 100")
	b.Spec.Root.Readonly = false
	b.Write()
	t.Cleanup(func() { b.Keg("delete", "-f", b.ID()) })
	pidFile := filepath.Join(b.Dir, "pid")
	if r := b.Keg("create", "--bundle", b.Dir, "--pid-file", pidFile, b.ID()); r.Code != 0 {
		t.Fatalf("create: %+v", r)
	}
	expectState(t, b, states, content(t, pidFile), oci.StateCreating) // before start
	expectNoChildren(t, content(t, pidFile))
	if r := b.Keg("start", b.ID()); r.Code != 0 {
		t.Fatalf("start: %+v", r)
	}
	if r := b.Keg("exec", "--pid-file", pidFile, b.ID(), "call", getpgid); r.Code != 0 || r.Stdout != "-100\n" {
		t.Errorf("exec: %+v", r)
	}
	expectState(t, b, states, content(t, pidFile), oci.StateRunning)
}

// expectNoChildren: of the helper not even a zombie is left to a program that
// reaps no children.
func expectNoChildren(t *testing.T, pid string) {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		children, err := os.ReadFile("/proc/" + pid + "/task/" + pid + "/children")
		if err != nil {
			t.Fatal(err)
		}
		if len(children) == 0 {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("children of the created init: %s", children)
		}
	}
}

// The helper, which has no filter and the setup's capabilities, is not there any
// more when the program runs, however slowly it ends.
func TestSeccompNotifyHelperEnds(t *testing.T) {
	for _, init := range []string{"", "true"} {
		b, states := listened(t, "sh", "-c", `for p in /proc/[0-9]*; do
			read name < $p/comm; [ $name = keg-init ] && [ $p != /proc/1 ] && while read line; do
				case $line in VmSize*) alive=$p;; CapEff*|Seccomp:*) [ $alive ] && echo $alive $line;; esac; done < $p/status; alive=
			done; call `+getpgid)
		b.Spec.Annotations["org.keg.init"] = init
		b.Write()
		r := b.Delayed("exit_group:delay_enter=300000", nil, func() {}, "run", "--bundle", b.Dir, b.ID())
		if r.Code != 0 || r.Stdout != "-100\n" {
			t.Errorf("init %q: what has no filter is left: %+v", init, r)
		}
		<-states
	}
}

// A keg init is under the filter too, and reaps the helper.
func TestSeccompNotifyInit(t *testing.T) {
	b, states := listened(t, "sh", "-c", "call "+getpgid+"; exit 5")
	b.Spec.Annotations["org.keg.init"] = "true"
	if r := b.Run(); r.Code != 5 || r.Stdout != "-100\n" {
		t.Errorf("%+v", r)
	}
	<-states
}

// Nobody who listens is an error of create, and nothing is left.
func TestSeccompNobodyListens(t *testing.T) {
	for _, file := range []func(string) error{
		func(string) error { return nil },
		func(p string) error { return os.WriteFile(p, nil, 0o644) },
		deadSocket,
	} {
		b := filtered(t, rule(oci.ActNotify, 0, "getpgid"), "true")
		b.Spec.Linux.Seccomp.ListenerPath = filepath.Join(b.Dir, "agent.sock")
		if err := file(b.Spec.Linux.Seccomp.ListenerPath); err != nil {
			t.Fatal(err)
		}
		b.Write()
		r := b.Keg("create", "--bundle", b.Dir, b.ID())
		if r.Code != 1 || !strings.Contains(r.Stderr, "linux.seccomp.listenerPath: ") || !strings.Contains(r.Stderr, "agent.sock") {
			t.Errorf("%+v", r)
		}
		if r := b.Keg("list", "-q"); r.Stdout != "" {
			t.Errorf("left: %s", r.Stdout)
		}
	}
}

func deadSocket(path string) error {
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return err
	}
	l.SetUnlinkOnClose(false)
	return l.Close()
}

// Without a rule that notifies, listenerPath is ignored: nobody is connected to.
func TestSeccompListenerIgnored(t *testing.T) {
	b := filtered(t, rule(oci.ActErrno, 99, "getpgid"), "call", getpgid)
	b.Spec.Linux.Seccomp.ListenerPath = "/nowhere/agent.sock"
	if r := b.Run(); r.Code != 0 || r.Stdout != "-99\n" || !strings.Contains(r.Stderr, "linux.seccomp.listenerPath: ignored") {
		t.Errorf("%+v", r)
	}
}

// Keg killed while the agent keeps it waiting: the init, which spins under its
// filter by then, and its helper end too, with a pid namespace or without.
func TestSeccompKegKilled(t *testing.T) {
	for _, own := range []bool{true, false} {
		b := filtered(t, rule(oci.ActNotify, 0, "getpgid"), "true")
		if !own {
			withoutPidNamespace(b)
		}
		b.Spec.Linux.Seccomp.ListenerPath = filepath.Join(b.Dir, "agent.sock")
		busyAgent(t, b.Spec.Linux.Seccomp.ListenerPath)
		b.Write()
		cmd := exec.Command(kegtest.Keg(t), "--root", b.Root, "create", "--bundle", b.Dir, b.ID())
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		pid := spinning(t, b)
		cmd.Process.Kill()
		cmd.Wait()
		for end := time.Now().Add(time.Minute); syscall.Kill(pid, 0) == nil && !zombie(pid); time.Sleep(5 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("own pid namespace %v: the init lives on", own)
			}
		}
		if r := b.Keg("delete", "-f", b.ID()); r.Code != 0 {
			t.Errorf("%+v", r)
		}
	}
}

// busyAgent listens, and has as many connections waiting as there is room for.
func busyAgent(t *testing.T, path string) {
	t.Helper()
	l, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Close(l) })
	address := &syscall.SockaddrUnix{Name: path}
	if err := errors.Join(syscall.Bind(l, address), syscall.Listen(l, 0)); err != nil {
		t.Fatal(err)
	}
	for {
		c, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { syscall.Close(c) })
		if err := syscall.Connect(c, address); err == syscall.EAGAIN {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// spinning waits until the init is under its filter, and is its pid.
func spinning(t *testing.T, b *kegtest.Bundle) int {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		var s struct{ Pid int }
		text, _ := os.ReadFile(filepath.Join(b.Root, b.ID(), "state.json"))
		if json.Unmarshal(text, &s) != nil || s.Pid == 0 {
			continue
		}
		status, _ := os.ReadFile("/proc/" + strconv.Itoa(s.Pid) + "/status")
		if strings.Contains(string(status), "Seccomp:\t2") {
			return s.Pid
		}
	}
	t.Fatal("no filter was loaded")
	return 0
}

func zombie(pid int) bool {
	status, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	return strings.Contains(string(status), "State:\tZ")
}

func withoutPidNamespace(b *kegtest.Bundle) {
	b.Spec.Linux.Namespaces = slices.DeleteFunc(b.Spec.Linux.Namespaces, func(n oci.LinuxNamespace) bool { return n.Type == oci.PIDNamespace })
	if os.Geteuid() != 0 { // whose proc needs one
		b.Spec.Mounts = slices.DeleteFunc(b.Spec.Mounts, func(m oci.Mount) bool { return m.Type == "proc" })
		b.Spec.Linux.MaskedPaths, b.Spec.Linux.ReadonlyPaths = nil, nil
	}
}
