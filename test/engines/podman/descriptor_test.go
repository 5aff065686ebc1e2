package podman

import (
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/keg-project/keg/test/engines"
	"github.com/keg-project/keg/test/kegtest"
)

func descriptors() []scenario {
	return []scenario{
		{Name: "--sdnotify=container: READY=1 reaches the caller", Run: notified},
		{Name: "--sdnotify=conmon", Run: notifiedByConmon},
		{Name: "--preserve-fds, of run and exec", Run: preserved},
		{Name: "LISTEN_FDS", Run: listening},
		{Name: "only the streams are open", Run: openDescriptors},
	}
}

// notifySocket is what a service's manager listens on.
func (p *podman) notifySocket(t testing.TB) (socket *net.UnixConn, path string) {
	t.Helper()
	path = p.Path("tmp/notify")
	os.Remove(path)
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { socket.Close() })
	if err := os.Chmod(path, 0o777); err != nil {
		t.Fatal(err)
	}
	return socket, path
}

// messages are those of a socket until one says what is waited for.
func messages(t testing.TB, socket *net.UnixConn, last string) (all string) {
	t.Helper()
	socket.SetReadDeadline(time.Now().Add(engines.Patience))
	buf := make([]byte, 4096)
	for !strings.Contains(all, last) {
		n, err := socket.Read(buf)
		if err != nil {
			t.Fatalf("%v, after %q", err, all)
		}
		all += string(buf[:n]) + "\n"
	}
	return all
}

func notified(t testing.TB, p *podman) {
	socket, path := p.notifySocket(t)
	program := p.Program(t, "testdata/ready.go")
	t.Cleanup(func() { p.do(t, "rm", "--force", "--time", "0", "service") })
	cmd := p.command("run", "--detach", "--name", "service", "--sdnotify", "container", "--volume", program+":/notify:ro", image, "/notify", "from inside")
	cmd.Env = append(cmd.Env, "NOTIFY_SOCKET="+path)
	if r := kegtest.Finish(t, cmd); r.Code != 0 {
		t.Fatal(r.Stderr)
	}
	messages(t, socket, "READY=1")
	within(t, "the program is told that all is well", func() bool { return p.ok(t, "logs", "service") == "told: <nil>" })
}

func notifiedByConmon(t testing.TB, p *podman) {
	socket, path := p.notifySocket(t)
	t.Cleanup(func() { p.do(t, "rm", "--force", "--time", "0", "service") })
	cmd := p.command("run", "--detach", "--name", "service", "--sdnotify", "conmon", image, "sh", "-c", "echo socket $NOTIFY_SOCKET; sleep 1000")
	cmd.Env = append(cmd.Env, "NOTIFY_SOCKET="+path)
	if r := kegtest.Finish(t, cmd); r.Code != 0 {
		t.Fatal(r.Stderr)
	}
	messages(t, socket, "READY=1")
	within(t, "the program has no socket", func() bool { return p.do(t, "logs", "service").Stdout == "socket\n" })
}

func preserved(t testing.TB, p *podman) {
	file, err := os.Open(p.Write(t, "fd", "by descriptor\n"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	cmd := p.command("run", "--rm", "--preserve-fds", "1", image, "sh", "-c", "cat <&3")
	cmd.ExtraFiles = []*os.File{file}
	equal(t, "run", kegtest.Finish(t, cmd), kegtest.Result{Stdout: "by descriptor\n"})
	if _, err := file.Seek(0, 0); err != nil {
		t.Fatal(err)
	}
	p.background(t, "box", "sleep 1000")
	cmd = p.command("exec", "--preserve-fds", "1", "box", "sh", "-c", "cat <&3")
	cmd.ExtraFiles = []*os.File{file}
	equal(t, "exec", kegtest.Finish(t, cmd), kegtest.Result{Stdout: "by descriptor\n"})
}

func listening(t testing.TB, p *podman) {
	file, err := os.Open(p.Write(t, "fd", "by socket activation\n"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	cmd := p.command("run", "--rm", image, "sh", "-c", "echo $LISTEN_FDS; cat <&3")
	cmd.ExtraFiles = []*os.File{file}
	cmd.Env = append(cmd.Env, "LISTEN_FDS=1", "LISTEN_FDNAMES=web")
	equal(t, "output", kegtest.Finish(t, cmd), kegtest.Result{Stdout: "1\nby socket activation\n"})
}

func openDescriptors(t testing.TB, p *podman) {
	// /proc/self is ls, whose own descriptor on the directory is 3.
	p.prints(t, "0\n1\n2\n3\n", "exec ls /proc/self/fd")
	p.background(t, "box", "sleep 1000")
	equal(t, "exec", p.ok(t, "exec", "box", "ls", "/proc/self/fd"), "0\n1\n2\n3")
}
