package errors

import (
	"net"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// onTerminal is a configuration with a terminal, whose root is changed by the
// script, and which is sent to a socket.
func onTerminal(name, socket string, change func(*oci.Spec), script string) broken {
	return broken{name: name, args: []string{"create", "--bundle", "$BUNDLE", "--console-socket", socket, "$ID"},
		prepare: func(t *testing.T, b *kegtest.Bundle) {
			b.Spec.Process.Terminal = true
			change(b.Spec)
			listen(t, filepath.Join(b.Dir, "open.sock"), false)
			listen(t, filepath.Join(b.Dir, "closed.sock"), true)
			inRoot(t, b, script)
		}}
}

// listen makes a socket on which somebody listens, or no longer does.
func listen(t *testing.T, path string, closed bool) {
	t.Helper()
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	if closed {
		l.Close()
		return
	}
	t.Cleanup(func() { l.Close() })
}

func inRoot(t *testing.T, b *kegtest.Bundle, script string) {
	t.Helper()
	cmd := exec.Command("sh", "-c", script)
	cmd.Dir = filepath.Join(b.Dir, "rootfs")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

func nothing(*oci.Spec) {}

// noDevMount leaves /dev and what is in it to the image.
func noDevMount(s *oci.Spec) {
	s.Mounts = slices.DeleteFunc(s.Mounts, func(m oci.Mount) bool { return m.Destination == "/dev" })
}

// notMounted leaves out the mount on dest.
func notMounted(dest string) func(*oci.Spec) {
	return func(s *oci.Spec) {
		s.Mounts = slices.DeleteFunc(s.Mounts, func(m oci.Mount) bool { return m.Destination == dest })
	}
}

// overPtmx mounts a file of the host over the image's /dev/pts/ptmx.
func overPtmx(s *oci.Spec) {
	s.Mounts = append(s.Mounts, oci.Mount{Destination: "/dev/pts/ptmx", Type: "bind", Source: "/dev/null", Options: []string{"bind"}})
}

func overPts(s *oci.Spec) {
	s.Mounts = append(s.Mounts, oci.Mount{Destination: "/dev/pts", Type: "tmpfs", Source: "tmpfs"})
}

func terminalCases() []broken {
	open := "$BUNDLE/open.sock"
	noTerminal := onTerminal("console socket without a terminal", open, func(s *oci.Spec) { s.Process.Terminal = false }, "")
	detached := onTerminal("detached terminal", "", nothing, "")
	detached.args = []string{"run", "--detach", "--bundle", "$BUNDLE", "$ID"}
	created := onTerminal("created terminal", "", nothing, "")
	created.args = nil
	foreground := onTerminal("console socket in the foreground", "", nothing, "")
	foreground.args = []string{"run", "--console-socket", open, "--bundle", "$BUNDLE", "$ID"}
	return []broken{
		noTerminal, detached, created, foreground,
		onTerminal("console socket missing", "$BUNDLE/no.sock", nothing, ""),
		onTerminal("console socket closed", "$BUNDLE/closed.sock", nothing, ""),
		onTerminal("console socket a file", "$BUNDLE/config.json", nothing, ""),
		onTerminal("console socket a directory", "$BUNDLE", nothing, ""),
		onTerminal("terminal without devpts", open, notMounted("/dev/pts"), ""),
		onTerminal("terminal on a tmpfs", open, overPts, ""),
		onTerminal("ptmx covered", open, overPtmx, ""),
		onTerminal("console a link", open, noDevMount, "ln -s /etc/passwd dev/console"),
		onTerminal("console a device", open, noDevMount, "mknod dev/console c 5 1"),
		onTerminal("console a directory", open, noDevMount, "mkdir dev/console"),
		onTerminal("pts a link", open, func(s *oci.Spec) { noDevMount(s); notMounted("/dev/pts")(s) }, "ln -s /data dev/pts"),
	}
}
