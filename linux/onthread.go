package linux

import (
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// OnThread calls f on a thread that ends with it, so that nothing else of keg's
// runs in the namespaces that f may enter. It is never the process's first one:
// that does not end but stays parked there, and is what /proc/PID shows.
func OnThread(f func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread()
		if unix.Gettid() == os.Getpid() {
			err := OnThread(f) // held here, the first thread takes no other goroutine
			runtime.UnlockOSThread()
			done <- err
			return
		}
		done <- f() // never unlocked
	}()
	return <-done
}
