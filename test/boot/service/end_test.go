package service

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
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

// What could not be removed of a container is told by status, tried again in the
// end, and not passed over in silence then.
func TestServicesEndLeavesNoContainer(t *testing.T) {
	for _, ends := range []bool{true, false} {
		w := newWorld(t)
		w.bundle("x", `trap "exit 0" TERM; echo up >/data/x; while :; do sleep 0.02; done`, nil)
		w.start()
		w.eventually("x can hear", func() bool { return len(w.lines("x")) == 1 })
		intruder := exec.Command("sleep", "4751")
		intruder.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWPID, Pdeathsig: syscall.SIGKILL}
		must(t, intruder.Start())
		end := func() { intruder.Process.Kill(); intruder.Wait() }
		cgroups := cgroupsOf(w.id("x"))
		for _, dir := range cgroups {
			must(t, os.WriteFile(dir+"/cgroup.procs", []byte(strconv.Itoa(intruder.Process.Pid)), 0))
		}
		w.ask("stop", w.id("x"))
		const why = " has another container's processes by now"
		if s := w.status("x"); s.State != "stopped" || !strings.Contains(s.Note, why) {
			t.Errorf("%+v", s)
		}
		if ends {
			end()
			w.terminate()
		} else {
			w.supervisor.Process.Signal(syscall.SIGTERM)
			var exit *exec.ExitError
			if err := <-w.ended; !errors.As(err, &exit) || exit.ExitCode() != 3 || !strings.Contains(w.said(), "all services have ended, but: service "+w.id("x")+": ") {
				t.Errorf("the supervisor: %v\n%s", err, w.said())
			}
			w.supervisor = nil
			end()
			kegtest.Command(t, "", "--root", w.path("state"), "delete", "-f", w.id("x"))
		}
		if left := cgroupsOf(w.id("x")); len(cgroups) == 0 || len(left) > 0 {
			t.Errorf("of %q are left: %q", cgroups, left)
		}
	}
}

func cgroupsOf(id string) (dirs []string) {
	filepath.WalkDir("/sys/fs/cgroup", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && d.Name() == id {
			dirs = append(dirs, path)
		}
		return nil
	})
	return dirs
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
