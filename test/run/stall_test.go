package run

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/keg-project/keg/test/kegtest"
)

// stalled runs a keg command that makes a container, and attack while the init
// waits to become the container's user, its root being set up.
// It waits longer than Stalled has it wait: a busy machine takes its time to find it.
func stalled(t *testing.T, b *kegtest.Bundle, args []string, extra []*os.File, attack func(pid string)) kegtest.Result {
	t.Helper()
	b.Spec.Process.Env = append(b.Spec.Process.Env, "HOME=/") // nothing to ask for
	b.Write()
	return b.Delayed("sendto:delay_enter=2500000", extra, func() { attack(waitingInit(t, b)) }, slices.Concat(args[:1], []string{"--bundle", b.Dir}, args[1:], []string{b.ID()})...)
}

// waitingInit is the pid of the init, which keg records before it lets it go.
func waitingInit(t *testing.T, b *kegtest.Bundle) string {
	t.Helper()
	for range 6000 {
		time.Sleep(10 * time.Millisecond)
		text, _ := os.ReadFile(filepath.Join(b.Root, b.ID(), "state.json"))
		_, rest, _ := strings.Cut(string(text), `"pid": `)
		digits, _, _ := strings.Cut(rest, ",")
		if pid, _ := strconv.Atoi(digits); pid > 0 {
			kegtest.Asleep(digits)
			return digits
		}
	}
	t.Error("keg records no init")
	return "0"
}
