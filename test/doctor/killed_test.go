package doctor

import (
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

// A doctor that is killed while it asks an engine leaves nothing that either has
// made, and no engine that hangs; also if the engine would not have the first place.
func TestKilled(t *testing.T) {
	for name, first := range map[string]string{"a tmpfs": "", "a directory": `case $HOME in /proc/*) exit 1; esac; `} {
		t.Run(name, func(t *testing.T) { killed(t, first) })
	}
}

func killed(t *testing.T, first string) {
	h := newHome(t)
	h.engine("podman", first+`mkdir "$HOME/made" && touch "$TMPDIR/made" && echo $$ >"$0.new" && mv "$0.new" "$0.pid" && exec sleep 1000`)
	cmd := h.command("doctor")
	must(t, cmd.Start())
	note := h.dir + "/bin/podman.pid"
	until(t, func() bool { _, err := os.Stat(note); return err == nil })
	must(t, cmd.Process.Signal(syscall.SIGKILL))
	cmd.Wait()
	text, err := os.ReadFile(note)
	must(t, err)
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	must(t, err)
	until(t, func() bool { return !kegtest.Alive(pid) })
	until(t, func() bool { // by whoever removes it once doctor is gone
		left, err := os.ReadDir(h.dir + "/tmp")
		return err == nil && len(left) == 0
	})
}
