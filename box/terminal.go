package box

import (
	"errors"
	"os"
	"os/signal"
	"syscall"

	"github.com/keg-project/keg/linux"
)

// wantsTerminal: what a person sees and types gets a terminal in the box, so
// that the caller's is out of its reach. With a pipe or a file at one end, a
// program must find just that; what it then has of the caller's terminal is a
// descriptor, and not the control over it.
func wantsTerminal() bool { return linux.IsTerminal(0) && linux.IsTerminal(1) }

// guardTerminal remembers how the terminal on f is set; the returned function
// puts it back: what a box leaves behind that has it as its input (raw mode, a
// foreground group that is gone) is mended here.
func guardTerminal(f *os.File) (restore func() error) {
	t, ok := linux.SaveTerminal(f)
	if !ok || !t.Own() || wantsTerminal() {
		return func() error { return nil }
	}
	return func() error { return restoreTerminal(t) }
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
