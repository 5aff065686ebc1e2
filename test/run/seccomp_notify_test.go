package run

import (
	"encoding/binary"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
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
	case <-time.After(10 * time.Second):
		t.Fatal("the agent got nothing")
	}
}

func TestSeccompNotifyRun(t *testing.T) {
	for _, nnp := range []bool{true, false} {
		b, states := listened(t, "sh", "-c", "call "+getpgid+"; call "+getpgid+"; ls /proc/self/fd | wc -l; ps -o comm")
		b.Spec.Process.NoNewPrivileges = nnp
		pidFile := filepath.Join(b.Dir, "pid")
		got := b.Output("--pid-file", pidFile)
		expectState(t, b, states, content(t, pidFile), oci.StateCreating)
		if !strings.HasPrefix(got, "-100\n-101\n4\n") {
			t.Errorf("%q", got)
		}
		if strings.Contains(got, "init") {
			t.Errorf("the helper is left: %q", got)
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
	if r := b.Keg("start", b.ID()); r.Code != 0 {
		t.Fatalf("start: %+v", r)
	}
	if r := b.Keg("exec", "--pid-file", pidFile, b.ID(), "call", getpgid); r.Code != 0 || r.Stdout != "-100\n" {
		t.Errorf("exec: %+v", r)
	}
	expectState(t, b, states, content(t, pidFile), oci.StateRunning)
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
