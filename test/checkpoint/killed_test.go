package checkpoint

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// A keg that is killed while CRIU works leaves no half of a container: one that
// was being saved goes on, one that was being made ends.
func TestKilledSaving(t *testing.T) {
	needCRIU(t)
	b := newBox(t)
	// CRIU waits here, with everything stopped and saved, until it may go on.
	hold := filepath.Join(b.Dir, "hold")
	script := filepath.Join(b.Dir, "script")
	write(t, script, fmt.Sprintf("#!/bin/sh\n[ $CRTOOLS_SCRIPT_ACTION != post-dump ] || { >%[1]s; while [ -e %[1]s ]; do sleep 0.1; done; }\n", hold))
	config := filepath.Join(b.Dir, "criu.conf")
	write(t, config, "action-script "+script+"\n")
	b.Spec.Annotations = map[string]string{"org.criu.config": config}
	b.Write()
	b.run()
	b.do(1, ":")
	pid := b.pid()
	cmd := b.aside("checkpoint", "--image-path", b.images("x"), b.ID())
	appears(t, hold)
	kill(t, cmd)
	if err := os.Remove(hold); err != nil {
		t.Fatal(err)
	}
	b.do(2, ":")
	if now := b.pid(); now != pid {
		t.Errorf("the init was %d and is %d", pid, now)
	}
	b.save(b.images("y"), "--leave-running") // which waits for what is left of the other one
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
	hook := oci.Hook{Path: "/bin/sh", Args: []string{"sh", "-c", "cat >/dev/null; echo $$ >" + note + ".new; mv " + note + ".new " + note + "; sleep 1000"}}
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

// end ends the hook whose pid is in the file, and what it has started.
func end(t *testing.T, note string) {
	t.Helper()
	pid, err := strconv.Atoi(strings.TrimSpace(read(t, note)))
	if err != nil {
		t.Fatal(err)
	}
	children, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	for _, child := range append(strings.Fields(string(children)), strconv.Itoa(pid)) {
		n, _ := strconv.Atoi(child)
		if p, err := os.FindProcess(n); err == nil {
			p.Kill()
		}
	}
}
