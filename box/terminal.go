package box

import (
	"errors"
	"os"
	"os/signal"
	"syscall"

	"github.com/keg-project/keg/linux"
)

// guardTerminal remembers how the terminal on f is set; the returned function
// puts it back. The box gets the caller's terminal, session and process group,
// so that a shell inside can do job control; what it or a killed program leaves
// behind (raw mode, a foreground group that is gone) is mended here.
func guardTerminal(f *os.File) (own bool, restore func() error) {
	t, ok := linux.SaveTerminal(f)
	if !ok || !t.Own() {
		return false, func() error { return nil }
	}
	return true, func() error { return restoreTerminal(t) }
}

func restoreTerminal(t linux.Terminal) error {
	// Until it is in the foreground again, keg would be stopped for touching
	// the terminal.
	signal.Ignore(syscall.SIGTTOU)
	defer signal.Reset(syscall.SIGTTOU)
	var err error
	if t.Abandoned() {
		err = t.TakeBack()
	}
	if !t.Foreground() {
		return err // sent to the background meanwhile: the terminal is another job's
	}
	return errors.Join(err, t.Restore())
}
