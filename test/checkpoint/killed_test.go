package checkpoint

import (
	"errors"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// A keg that is killed while CRIU works leaves no half of a container: one that
// was being saved goes on, one that was being made ends.
func TestKilledSaving(t *testing.T) {
	needCRIU(t)
	b := newBox(t)
	b.run()
	b.do(1, ":")
	pid := b.pid()
	// CRIU waits for a page server that never answers, with everything stopped.
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	cmd := b.aside("checkpoint", "--image-path", b.images("x"), "--page-server", l.Addr().String(), b.ID())
	l.(*net.TCPListener).SetDeadline(time.Now().Add(time.Minute))
	server, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	kill(t, cmd)
	server.Close()
	b.do(2, ":")
	if now := b.pid(); now != pid {
		t.Errorf("the init was %d and is %d", pid, now)
	}
}

func TestKilledRestoring(t *testing.T) {
	needCRIU(t)
	before := kegtest.Leftovers()
	b := newBox(t)
	b.run()
	b.do(1, ":")
	b.save(b.images("x"))
	b.hangUp()
	note := filepath.Join(b.Dir, "note")
	hook := oci.Hook{Path: "/bin/sh", Args: []string{"sh", "-c", "cat >/dev/null; echo $$ >" + note + ".new; mv " + note + ".new " + note + "; exec sleep 1000"}}
	b.Spec.Hooks = &oci.Hooks{CreateRuntime: []oci.Hook{hook}}
	b.Write()
	cmd := b.begin("restore", "-d", "--image-path", b.images("x"), "--bundle", b.Dir, b.ID())
	appears(t, note)
	pid := b.pid()
	kill(t, cmd)
	ended(t, pid)
	end(t, note)
	must(t, b.Keg("delete", "-f", b.ID()))
	b.gone(before)

	// A hook that fails ends it as well, with nothing left to delete.
	b.Spec.Hooks.CreateRuntime[0].Args[2] = "cat >/dev/null; echo broken >&2; exit 3"
	b.Write()
	r := b.Keg("restore", "-d", "--image-path", b.images("x"), "--bundle", b.Dir, b.ID())
	refused(t, r, "hooks.createRuntime[0]")
	refused(t, r, "broken")
	b.gone(before)
}

// end ends the hook whose pid is in the file.
func end(t *testing.T, note string) {
	t.Helper()
	pid, err := strconv.Atoi(strings.TrimSpace(read(t, note)))
	if err == nil {
		err = syscall.Kill(pid, syscall.SIGKILL)
	}
	if err != nil && !errors.Is(err, syscall.ESRCH) { // it may end with keg
		t.Fatal(err)
	}
}
