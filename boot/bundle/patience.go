package bundle

import (
	"context"
	"errors"
	"syscall"
	"time"

	"github.com/keg-project/keg/boot/reap"
)

const (
	// undoPatience is how long a `keg create` that was told to end may take to
	// take back what it has made, once hooks do not keep it from that.
	undoPatience = 5 * time.Second
	// clearPatience is how long hooks that clear up may go on after nobody wants
	// to wait any longer.
	clearPatience = 3 * time.Second
	// killPatience is how long a killed process may take: the kernel ends it once
	// it leaves an uninterruptible sleep.
	killPatience = 10 * time.Second
)

// await waits for a `keg create` until ctx is done, and then makes it end: it is
// told to, as it then ends a hook that hangs with the hook's children, and killed
// if that does not help.
func await(ctx context.Context, child *reap.Child) error {
	select {
	case <-child.Done():
		return nil
	case <-ctx.Done():
	}
	for _, patience := range [...]time.Duration{clearPatience, undoPatience} {
		child.Signal(syscall.SIGTERM) // the second is for a hook that hangs where it clears up
		if endsWithin(child, patience) {
			return nil
		}
	}
	child.Signal(syscall.SIGKILL)
	if endsWithin(child, killPatience) {
		return nil
	}
	return errors.New("keg hangs, and cannot be killed")
}

func endsWithin(child *reap.Child, d time.Duration) bool {
	late := time.NewTimer(d)
	defer late.Stop()
	select {
	case <-child.Done():
		return true
	case <-late.C:
		return false
	}
}

// Patient is for container.Container's Waiting when a container is deleted: its
// hooks may run until some time after ctx is done.
func Patient(ctx context.Context) func() error { return patient(ctx, clearPatience) }

func patient(ctx context.Context, longer time.Duration) func() error {
	var since time.Time
	return func() error {
		if ctx.Err() == nil {
			return nil
		}
		if since.IsZero() {
			since = time.Now()
		}
		if time.Since(since) < longer {
			return nil
		}
		return errors.New("ended, as the container is to end")
	}
}
