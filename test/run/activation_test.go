package run

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// passing runs keg with descriptors 3 and 4, of which the first is a socket that
// was opened for it, as systemd does: the shell knows the pid that keg will have.
func passing(t *testing.T, b *kegtest.Bundle, command ...string) kegtest.Result {
	t.Helper()
	three, four := openFile(t, filepath.Join(b.Dir, "config.json"), os.O_RDONLY), openFile(t, "/dev/null", os.O_RDONLY)
	cmd := shell(`LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=web exec "$@"`, append([]string{kegtest.Keg(t), "--root", b.Root}, command...)...)
	cmd.ExtraFiles = []*os.File{three, four}
	return kegtest.Finish(t, cmd)
}

const listenScript = `echo $LISTEN_FDS $LISTEN_FDNAMES; test "$LISTEN_PID" = $$ && echo mine; ls /proc/self/fd | tr '\n' ' '`

// Sockets that were opened for keg are the program's, and those that are
// preserved come after them. LISTEN_PID is the program's own pid, wherever it
// runs.
func TestListenFDs(t *testing.T) {
	for name, change := range map[string]func(*oci.Spec){
		"a pid namespace of its own": func(*oci.Spec) {},
		"the host's pid namespace": func(s *oci.Spec) {
			kegtest.NeedRoot(t)
			dropNamespace(s, oci.PIDNamespace)
		},
	} {
		b := kegtest.NewBundle(t, "sh", "-c", listenScript)
		b.Spec.Process.Env = append(b.Spec.Process.Env, "LISTEN_PID=7", "LISTEN_FDS=8")
		change(b.Spec)
		b.Write()
		r := passing(t, b, "run", "--preserve-fds", "1", "--bundle", b.Dir, b.ID())
		if r.Stdout != "1 web\nmine\n0 1 2 3 4 5 " { // 5: ls itself
			t.Errorf("%s: %+v", name, r)
		}
	}
}

func TestExecPassesListenFDs(t *testing.T) {
	b := kegtest.NewBundle(t, "sleep", "100")
	started(t, b)
	if r := passing(t, b, "exec", b.ID(), "sh", "-c", listenScript); r.Stdout != "1 web\nmine\n0 1 2 3 4 " { // 4: ls itself
		t.Errorf("%+v", r)
	}
}

// Variables that name another process are not keg's to pass on.
func TestListenFDsOfAnother(t *testing.T) {
	b := kegtest.NewBundle(t, "sh", "-c", "env; ls /proc/self/fd")
	b.Write()
	cmd := shell(`LISTEN_PID=1 LISTEN_FDS=1 exec "$@" 3</dev/null`, kegtest.Keg(t), "--root", b.Root, "run", "--bundle", b.Dir, b.ID())
	if r := kegtest.Finish(t, cmd); r.Code != 0 || strings.Contains(r.Stdout, "LISTEN") || strings.Contains(r.Stdout, "\n4\n") {
		t.Errorf("%+v", r)
	}
}

// An init does not know its child's pid before.
func TestListenFDsBelowAnInit(t *testing.T) {
	b := kegtest.NewBundle(t, "sh", "-c", "env")
	b.Spec.Annotations = map[string]string{"org.keg.init": "true"}
	b.Write()
	r := passing(t, b, "run", "--bundle", b.Dir, b.ID())
	if strings.Contains(r.Stdout, "LISTEN_PID") || !strings.Contains(r.Stderr, "LISTEN_PID: not set") {
		t.Errorf("%+v", r)
	}
}

func TestListenFDIsNotOpen(t *testing.T) {
	b := kegtest.NewBundle(t, "true")
	b.Write()
	cmd := shell(`LISTEN_PID=$$ LISTEN_FDS=3 exec "$@" 3</dev/null`, kegtest.Keg(t), "--root", b.Root, "run", "--bundle", b.Dir, b.ID())
	if r := kegtest.Finish(t, cmd); r.Code != 1 || !strings.Contains(r.Stderr, "LISTEN_FDS: file descriptor 4 is not open") {
		t.Errorf("%+v", r)
	}
}

func dropNamespace(s *oci.Spec, kind oci.LinuxNamespaceType) {
	var rest []oci.LinuxNamespace
	for _, n := range s.Linux.Namespaces {
		if n.Type != kind {
			rest = append(rest, n)
		}
	}
	s.Linux.Namespaces = rest
}

// notifier is a service manager's socket.
func notifier(t *testing.T, name string) *net.UnixConn {
	t.Helper()
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if name[0] == '/' {
		if err := os.Chmod(name, 0o777); err != nil { // as systemd's is
			t.Fatal(err)
		}
	}
	return conn
}

// readMessage is the next message that came, "" for none.
func readMessage(conn *net.UnixConn) string {
	conn.SetReadDeadline(time.Now().Add(time.Minute))
	text := make([]byte, 256)
	n, _ := conn.Read(text)
	return string(text[:n])
}

// What the program says by sd_notify reaches who waits for it, in the
// foreground, in the background and from a user namespace; nothing of keg's
// stays for that.
func TestNotifySocket(t *testing.T) {
	sender := notifyProgram(t)
	for _, c := range []struct {
		name   string
		flags  []string
		change func(*kegtest.Bundle)
	}{
		{"run", nil, func(*kegtest.Bundle) {}},
		{"detached", []string{"--detach"}, func(*kegtest.Bundle) {}},
		{"another user", nil, func(b *kegtest.Bundle) {
			if os.Geteuid() == 0 {
				b.Spec.Process.User.UID, b.Spec.Process.Capabilities = 1000, nil
			}
		}},
		{"read-only root", nil, func(b *kegtest.Bundle) { b.Spec.Root.Readonly = true }},
		{"user namespace", nil, func(b *kegtest.Bundle) {
			if os.Geteuid() == 0 {
				newNamespace(t, b, oci.UserNamespace)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := kegtest.NewBundle(t, "/bin/notify")
			copyFile(t, sender, filepath.Join(b.Dir, "rootfs/bin/notify"))
			c.change(b)
			b.Write()
			path := filepath.Join(b.Dir, "manager.sock")
			conn := notifier(t, path)
			t.Cleanup(func() { b.Keg("delete", "-f", b.ID()) })
			r := notifying(t, path, b, append([]string{"run", "--bundle", b.Dir}, c.flags...)...)
			if got := readMessage(conn); r.Code != 0 || got != "READY=1 /run/notify/notify.sock" {
				t.Errorf("%+v, message %q", r, got)
			}
		})
	}
}

func notifying(t *testing.T, socket string, b *kegtest.Bundle, command ...string) kegtest.Result {
	t.Helper()
	cmd := exec.Command(kegtest.Keg(t), append(append([]string{"--root", b.Root}, command...), b.ID())...)
	cmd.Env = append(os.Environ(), "NOTIFY_SOCKET="+socket)
	return kegtest.Finish(t, cmd)
}

// An abstract socket is reached where the network namespace is the caller's.
// Elsewhere, and for a variable that leads nowhere, a warning says that the
// container has none.
func TestNotifySocketOutOfReach(t *testing.T) {
	name := "@keg-test-" + strconv.Itoa(os.Getpid())
	notifier(t, name)
	file := filepath.Join(kegtest.TempDir(t), "file")
	openFile(t, file, os.O_CREATE|os.O_WRONLY)
	for _, c := range []struct{ socket, stdout, stderr string }{
		{name, "none\n", "is an abstract socket, out of reach in another network namespace"},
		{"relative", "none\n", "is neither an absolute path nor an abstract socket"},
		{"/none/here", "none\n", "stat /none/here: no such file or directory"},
		{file, "none\n", "is not a socket"},
	} {
		b := kegtest.NewBundle(t, "sh", "-c", "echo ${NOTIFY_SOCKET:-none}")
		dropNamespace(b.Spec, oci.NetworkNamespace)
		b.Spec.Linux.Namespaces = append(b.Spec.Linux.Namespaces, oci.LinuxNamespace{Type: oci.NetworkNamespace})
		b.Write()
		r := notifying(t, c.socket, b, "run", "--bundle", b.Dir)
		if r.Code != 0 || r.Stdout != c.stdout || !strings.Contains(r.Stderr, "NOTIFY_SOCKET: ") || !strings.Contains(r.Stderr, c.stderr) {
			t.Errorf("%s: %+v", c.socket, r)
		}
	}
}

func TestAbstractNotifySocket(t *testing.T) {
	name := "@keg-test-abstract-" + strconv.Itoa(os.Getpid())
	conn := notifier(t, name)
	b := kegtest.NewBundle(t, "/bin/notify")
	copyFile(t, notifyProgram(t), filepath.Join(b.Dir, "rootfs/bin/notify"))
	dropNamespace(b.Spec, oci.NetworkNamespace)
	for i, m := range b.Spec.Mounts {
		if m.Type == "sysfs" { // needs a network namespace of its own, for an ordinary user
			b.Spec.Mounts = append(b.Spec.Mounts[:i], b.Spec.Mounts[i+1:]...)
			break
		}
	}
	b.Spec.Linux.ReadonlyPaths, b.Spec.Linux.MaskedPaths = nil, nil
	b.Write()
	r := notifying(t, name, b, "run", "--bundle", b.Dir)
	if got := readMessage(conn); r.Code != 0 || got != "READY=1 "+name {
		t.Errorf("%+v, message %q", r, got)
	}
}

// notifyProgram sends READY=1, and where to, to $NOTIFY_SOCKET.
func notifyProgram(t *testing.T) string {
	t.Helper()
	program, err := kegtest.Program("testdata/notify.go")
	if err != nil {
		kegtest.Skip(t, "%v", err)
	}
	file := filepath.Join(kegtest.TempDir(t), "notify")
	if err := os.WriteFile(file, program, 0o755); err != nil {
		t.Fatal(err)
	}
	return file
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, data, 0o755); err != nil {
		t.Fatal(err)
	}
}
