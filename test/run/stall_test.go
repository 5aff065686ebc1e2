package run

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/keg-project/keg/test/kegtest"
)

// stalled runs a keg command that holds each message to the init back for a
// second. In the first such second, with the init's pid known and the root set
// up, the init waits to become the container's user, and attack runs.
func stalled(t *testing.T, b *kegtest.Bundle, args []string, extra []*os.File, attack func(pid string)) kegtest.Result {
	t.Helper()
	strace, err := exec.LookPath("strace")
	if err != nil {
		kegtest.Skip(t, "no strace: run test/setup")
	}
	b.Spec.Process.Env = append(b.Spec.Process.Env, "HOME=/") // nothing to ask for
	b.Write()
	words := []string{"-f", "-qq", "-o", os.DevNull, "-e", "trace=sendto", "-e", "inject=sendto:delay_enter=1000000"}
	if args[0] == "create" {
		words = append(words, "-D") // or strace waits for the init
	}
	words = append(words, kegtest.Keg(t), "--root", b.Root, args[0], "--bundle", b.Dir)
	cmd := exec.Command(strace, append(append(words, args[1:]...), b.ID())...)
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
	cmd.ExtraFiles = extra
	done := make(chan bool)
	go func() {
		defer close(done)
		attack(waitingInit(t, b))
	}()
	r := kegtest.Finish(t, cmd)
	<-done
	return r
}

// waitingInit is the pid of the init that keg records before it lets it go.
func waitingInit(t *testing.T, b *kegtest.Bundle) string {
	for range 500 {
		time.Sleep(10 * time.Millisecond)
		text, _ := os.ReadFile(filepath.Join(b.Root, b.ID(), "state.json"))
		_, rest, found := strings.Cut(strings.ReplaceAll(string(text), " ", ""), `"pid":`)
		if pid, _ := strconv.Atoi(strings.TrimRight(rest[:min(len(rest), len(rest)-len(strings.TrimLeft(rest, "0123456789")))], ",}")); found && pid > 0 {
			time.Sleep(200 * time.Millisecond) // until it waits
			return strconv.Itoa(pid)
		}
	}
	t.Error("keg records no init")
	return "0"
}
