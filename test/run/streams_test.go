package run

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"unsafe"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// A program that is not root can open its own streams again where keg's caller
// is root: pipes, sockets and output files become its own. Nothing else does.
func TestStreamsBelongToTheUser(t *testing.T) {
	kegtest.NeedRoot(t)
	b := kegtest.NewBundle(t, "sh", "-c", "echo out >/dev/stdout; echo err >/proc/self/fd/2; cat /dev/stdin")
	b.Spec.Process.User.UID, b.Spec.Process.User.GID = 1000, 1000
	b.Write()
	in, inWriter := pipe(t)
	out, outWriter := pipe(t)
	inWriter.WriteString("in\n")
	inWriter.Close()
	log := openFile(t, filepath.Join(b.Dir, "log"), os.O_CREATE|os.O_RDWR)
	cmd := exec.Command(kegtest.Keg(t), "--root", b.Root, "run", "--bundle", b.Dir, b.ID())
	cmd.Stdin, cmd.Stdout, cmd.Stderr = in, outWriter, log
	if err := cmd.Run(); err != nil {
		t.Error(err)
	}
	if got := ownerOf(t, in) + ownerOf(t, outWriter) + ownerOf(t, log); got != "1000:0 1000:0 1000:0 " {
		t.Errorf("owners of stdin, stdout, stderr: %s", got)
	}
	outWriter.Close()
	text := make([]byte, 64)
	n, _ := out.Read(text)
	if got := string(text[:n]); got != "out\nin\n" {
		t.Errorf("standard output %q", got)
	}
	if got, err := os.ReadFile(log.Name()); string(got) != "err\n" || err != nil {
		t.Errorf("standard error %q, %v", got, err)
	}
}

// A file that is only read, /dev/null and the caller's terminal keep their
// owner: sockets do not.
func TestStreamsThatStayTheirOwners(t *testing.T) {
	kegtest.NeedRoot(t)
	pair, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	socket, other := os.NewFile(uintptr(pair[0]), "socket"), os.NewFile(uintptr(pair[1]), "socket")
	defer socket.Close()
	defer other.Close()
	b := kegtest.NewBundle(t, "true")
	b.Spec.Process.User.UID, b.Spec.Process.User.GID = 1000, 1000
	b.Write()
	secret := filepath.Join(b.Dir, "secret")
	if err := os.WriteFile(secret, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		in   *os.File
		want string
	}{
		{"a file that is read", openFile(t, secret, os.O_RDONLY), "0:0 "},
		{"/dev/null", openFile(t, "/dev/null", os.O_RDWR), "0:0 "},
		{"a terminal", openTerminal(t), "0:5 "},
		{"a socket", socket, "1000:0 "},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := ownerOf(t, c.in)
			if c.name == "a terminal" {
				c.want = before
			}
			cmd := exec.Command(kegtest.Keg(t), "--root", b.Root, "run", "--bundle", b.Dir, b.ID())
			cmd.Stdin, cmd.Stderr = c.in, os.Stderr
			if err := cmd.Run(); err != nil {
				t.Error(err)
			}
			if got := ownerOf(t, c.in); got != c.want {
				t.Errorf("owner %s, want %s", got, c.want)
			}
		})
	}
}

// Without a place for the owner in the user namespace, and with a stream that
// is closed, the container still runs.
func TestStreamsThatCannotBeGivenAway(t *testing.T) {
	b := kegtest.NewBundle(t, "echo", "hello")
	if os.Geteuid() == 0 {
		newNamespace(t, b, oci.UserNamespace)
	}
	b.Write()
	r := kegtest.Finish(t, shell(`exec "$@" <&-`, kegtest.Keg(t), "--root", b.Root, "run", "--bundle", b.Dir, b.ID()))
	if r.Stdout != "hello\n" || r.Code != 0 {
		t.Errorf("%+v", r)
	}
}

// Engines that want nothing of a container's streams open the null device for
// reading alone (containerd's shim, for ctr run --null-io), or for writing: the
// program can use each all the same.
func TestStreamsOfNull(t *testing.T) {
	b := kegtest.NewBundle(t, "sh", "-c", "set -e; echo out; echo err >&2; cat; echo whole > /data/$1", "sh", "init")
	b.Spec.Root.Readonly = false
	b.Write()
	read, written := openFile(t, os.DevNull, os.O_RDONLY), openFile(t, os.DevNull, os.O_WRONLY)
	script := "echo out && echo err >&2 && cat && echo whole > /data/exec"
	for _, args := range [][]string{
		{"run", "--bundle", b.Dir, b.ID()},
		{"run", "--detach", "--bundle", b.Dir, b.ID()},
		{"exec", b.ID(), "sh", "-c", script},
	} {
		cmd := exec.Command(kegtest.Keg(t), append([]string{"--root", b.Root}, args...)...)
		cmd.Stdin, cmd.Stdout, cmd.Stderr = written, read, read
		if err := cmd.Run(); err != nil {
			t.Errorf("%q: %v", args, err)
		}
		if args[1] == "--bundle" {
			b.Spec.Process.Args = []string{"sleep", "1000"}
			b.Write()
		}
	}
	b.Keg("delete", "--force", b.ID())
	for _, name := range []string{"init", "exec"} {
		if text, err := os.ReadFile(filepath.Join(b.Dir, "rootfs/data", name)); string(text) != "whole\n" {
			t.Errorf("%s: %q, %v", name, text, err)
		}
	}
}

func pipe(t *testing.T) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(); w.Close() })
	return r, w
}

func openFile(t *testing.T, name string, flags int) *os.File {
	t.Helper()
	f, err := os.OpenFile(name, flags, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// openTerminal is the peer of a new pty.
func openTerminal(t *testing.T) *os.File {
	t.Helper()
	master := openFile(t, "/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY)
	var unlock int32
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, master.Fd(), syscall.TIOCSPTLCK, uintptr(unsafe.Pointer(&unlock))); errno != 0 {
		t.Fatal(errno)
	}
	const getPeer = 0x5441 // TIOCGPTPEER
	fd, _, errno := syscall.Syscall(syscall.SYS_IOCTL, master.Fd(), getPeer, syscall.O_RDWR|syscall.O_NOCTTY|syscall.O_CLOEXEC)
	if errno != 0 {
		t.Fatal(errno)
	}
	f := os.NewFile(fd, "terminal")
	t.Cleanup(func() { f.Close() })
	return f
}

func ownerOf(t *testing.T, f *os.File) string {
	t.Helper()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	s := info.Sys().(*syscall.Stat_t)
	return fmt.Sprintf("%d:%d ", s.Uid, s.Gid)
}
