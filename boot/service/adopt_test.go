package service

import (
	"errors"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/keg-project/keg/linux"
)

// The parent of a service that was found again, as a busy machine's process 1, may
// reap it late: until then the kernel does not tell how it has ended.
func TestEndOfWaitsForTheParent(t *testing.T) {
	t.Parallel()
	p, pidfd := child(t, "exit 7")
	time.AfterFunc(1200*time.Millisecond, func() { p.Wait() })
	exit := endOf(pidfd)
	if exit.Unknown && exit.Error == linux.ErrNoExitStatus.Error() && !told(t) {
		return // as status says
	}
	if exit.String() != "exit 7" {
		t.Error(exit)
	}
}

// told tells whether this kernel tells at all. PIDFD_INFO_EXIT
func told(t *testing.T) bool {
	t.Helper()
	p, pidfd := child(t, "exit 0")
	p.Wait()
	_, err := linux.PidfdExitStatus(pidfd, 0)
	return !errors.Is(err, linux.ErrNoExitStatus)
}

// child runs a script; its pidfd is closed with the test.
func child(t *testing.T, script string) (p *os.Process, pidfd int) {
	t.Helper()
	p, err := os.StartProcess("/bin/sh", []string{"sh", "-c", script}, &os.ProcAttr{})
	if err != nil {
		t.Fatal(err)
	}
	if pidfd, err = linux.PidfdOpen(p.Pid); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Close(pidfd) })
	return p, pidfd
}
