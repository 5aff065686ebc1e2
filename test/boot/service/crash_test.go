package service

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/test/kegtest"
)

// What a killed supervisor leaves runs on; the next one finds it, reads on in its
// output, and knows how it ends.
func TestServicesSupervisorKilled(t *testing.T) {
	w := newWorld(t)
	w.bundle("count", `trap "exit 6" TERM; i=0; while :; do echo line $i; i=$((i+1)); sleep 0.005; done`,
		map[string]string{"backoff": "20ms", "log-size": "2k", "log-files": "250"})
	w.bundle("short", `echo run >> /data/short; while [ ! -e /data/end ]; do sleep 0.02; done; rm /data/end; exit 5`, map[string]string{"backoff": "20ms"})
	w.bundle("stopped", "sleep 1000", map[string]string{"grace": "0s"})
	w.start()
	w.ask("stop", w.id("stopped"))
	count, short := w.becomes("count", "running").Pid, w.becomes("short", "running").Pid
	for range 2 {
		w.crash()
		w.start()
		if pid := w.status("count").Pid; pid != count {
			t.Fatalf("pid %d; it was %d", pid, count)
		}
	}
	if s := w.status("stopped"); s.State != "stopped" {
		t.Errorf("it was stopped by hand: %+v", s)
	}

	w.crash()
	must(t, os.WriteFile(w.path("data/end"), nil, 0o644))
	w.eventually("short has ended", func() bool { return !kegtest.Alive(short) })
	w.start()
	s := w.becomes("short", "running")
	if s.Restarts != 1 || s.Last == nil || !s.Last.Unknown {
		t.Errorf("ended while nobody could see it: %+v, %+v", s, s.Last)
	}
	w.eventually("it runs again", func() bool { return len(w.lines("short")) == 2 })

	must(t, syscall.Kill(count, syscall.SIGTERM))
	w.eventually("count is started again", func() bool { return w.status("count").Restarts == 1 })
	s = w.becomes("count", "running")
	if s.Last == nil || exitKnown(t) && (s.Last.Code == nil || *s.Last.Code != 6) {
		t.Errorf("the end of one that is not the supervisor's child: %+v", s.Last)
	}
	w.ask("stop", w.id("count"))
	checkCounted(t, w.ask("logs", "--stream", "stdout", w.id("count")), 2)
}

// exitKnown tells whether this kernel says how another's child has ended.
func exitKnown(t *testing.T) bool {
	t.Helper()
	return kegtest.Kernel(t, 6, 15)
}

// checkCounted: so many runs counted from 0, and no line is missing, torn or
// there twice.
func checkCounted(t *testing.T, log string, runs int) {
	t.Helper()
	next, begun := 0, 0
	for line := range strings.Lines(log) {
		if line == "line 0\n" {
			begun++
			next = 0
		}
		if line != fmt.Sprintf("line %d\n", next) {
			t.Fatalf("%q instead of line %d", line, next)
		}
		next++
	}
	if begun != runs || next == 0 {
		t.Errorf("%d runs; want %d, the last of %d lines", begun, runs, next)
	}
}

// A service that writes as fast as it can, a log that is rotated all the time, a
// supervisor that is killed again and again: no line is lost.
func TestServicesRotation(t *testing.T) {
	w := newWorld(t)
	w.bundle("fast", `i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done; exec sleep 1000`,
		map[string]string{"log-size": "1k", "log-files": "255", "grace": "0"})
	w.start()
	for range 3 {
		w.becomes("fast", "running")
		w.crash()
		w.start()
	}
	log := ""
	w.eventually("all is written", func() bool {
		log = w.ask("logs", w.id("fast"))
		return strings.HasSuffix(log, "line 19999\n")
	})
	checkCounted(t, log, 1)
	if names, _ := filepath.Glob(w.path("log", "*")); len(names) < 4 {
		t.Errorf("not rotated: %q", names)
	}
	if last := w.ask("logs", "-n", "2", w.id("fast")); last != "line 19998\nline 19999\n" {
		t.Errorf("the last lines: %q", last)
	}
	w.terminate()
	r := w.boot("logs", "--log-dir", w.path("log"), "-n", "1", w.id("fast"))
	if r.Stdout != "line 19999\n" {
		t.Errorf("without a supervisor: %+v", r)
	}
}

// What a service has written is there after a restart, and after a crash of the
// supervisor; its mounts are not stacked up, and its namespace can be bound again.
func TestServicesReuse(t *testing.T) {
	w := newWorld(t)
	dir := w.bundle("x", `echo run >> /written; cp /written /data/written; exec sleep 1000`, map[string]string{"grace": "0"}, func(s *oci.Spec) {
		s.Root = &oci.Root{Path: "rootfs"}
	})
	for _, name := range []string{"tmp", "rootfs"} {
		must(t, os.Mkdir(filepath.Join(dir, name), 0o755))
	}
	netns := w.path("netns")
	runtime := fmt.Sprintf(`{"mounts": [
		{"destination": "%[1]s/tmp", "type": "tmpfs", "source": "tmpfs"},
		{"destination": "%[1]s/tmp", "options": ["remount", "private"]},
		{"destination": "%[1]s/rootfs", "type": "overlay", "source": "overlay",
			"options": ["lowerdir=%[2]s", "upperdir=%[1]s/tmp/upper", "workdir=%[1]s/tmp/work"]}],
		"bindNS": {"net": %[3]q}}`, dir, w.root, netns)
	must(t, os.WriteFile(filepath.Join(dir, "runtime.json"), []byte(runtime), 0o644))
	t.Cleanup(func() { syscall.Unmount(netns, syscall.MNT_DETACH) })
	w.start()
	w.eventually("the first run", func() bool { return len(w.lines("written")) == 1 })
	w.ask("restart", w.id("x"))
	w.eventually("the second run", func() bool { return len(w.lines("written")) == 2 })
	w.crash()
	w.start()
	w.ask("restart", w.id("x"))
	w.eventually("the third run", func() bool { return len(w.lines("written")) == 3 })
	if n := mountsBelow(t, w.dir); n != 3 {
		t.Errorf("%d mounts; want tmp, rootfs and the namespace", n)
	}
	w.terminate()
	if n := mountsBelow(t, dir); n != 0 {
		t.Errorf("%d mounts are left", n)
	}
}

func mountsBelow(t *testing.T, dir string) (n int) {
	t.Helper()
	mounts, err := linux.Mounts()
	must(t, err)
	for _, m := range mounts {
		if strings.HasPrefix(m.Point, dir+"/") {
			n++
		}
	}
	return n
}
