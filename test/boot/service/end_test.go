package service

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

// Who empties /run takes the socket away, and nothing else.
func TestServicesEndWithoutSocket(t *testing.T) {
	w := newWorld(t)
	w.bundle("x", "exec sleep 1000", map[string]string{"grace": "0"})
	w.start()
	w.becomes("x", "running")
	must(t, os.Remove(w.path("run/boot.sock")))
	w.terminate()
}

// What cannot be removed in the end is told to who has asked for the end, and by
// a status that is not that of a crash.
func TestServicesEndNotClean(t *testing.T) {
	w := newWorld(t)
	w.bundle("x", "exec sleep 1000", map[string]string{"grace": "0"})
	w.start()
	w.becomes("x", "running")
	busy := w.path("run/.boot", w.id("x"), "busy")
	must(t, os.Mkdir(busy, 0o700))
	must(t, syscall.Mount("busy", busy, "tmpfs", 0, ""))
	defer syscall.Unmount(busy, syscall.MNT_DETACH)
	if r := w.boot("stop", "--all"); r.Code == 0 || !strings.Contains(r.Stderr, "all services have ended, but: ") || !strings.Contains(r.Stderr, "busy") {
		t.Errorf("%+v", r)
	}
	var exit *exec.ExitError
	if err := <-w.ended; !errors.As(err, &exit) || exit.ExitCode() != 3 {
		t.Errorf("the supervisor: %v", err)
	}
	w.supervisor = nil
}

// A supervisor that is killed while it ends has not ended what it should.
func TestServicesEndKilled(t *testing.T) {
	w := newWorld(t)
	w.bundle("x", `trap ":" TERM; while [ ! -e /data/end ]; do sleep 0.02; done`, map[string]string{"grace": "1h"})
	w.start()
	w.becomes("x", "running")
	asked := make(chan kegtest.Result, 1)
	go func() { asked <- w.boot("stop", "--all") }()
	pid := w.becomes("x", "stopping").Pid
	w.crash()
	if r := <-asked; r.Code == 0 || !strings.Contains(r.Stderr, "ended before it answered") {
		t.Errorf("%+v", r)
	}
	must(t, os.WriteFile(w.path("data/end"), nil, 0o644))
	w.eventually("it ends while nobody looks", func() bool { return syscall.Kill(pid, 0) != nil })
	w.start()
	w.becomes("x", "stopped")
	if left := kegtest.Command(t, "", "--root", w.path("state"), "list", "-q").Stdout; left != "" {
		t.Errorf("its container is left: %s", left)
	}
}
