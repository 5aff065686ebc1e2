package criu

import "runtime"

// onThread calls f on a thread that ends with it, so that nothing else of keg's
// runs in the namespaces that f may enter.
func onThread(f func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked
		done <- f()
	}()
	return <-done
}
