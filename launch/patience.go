package launch

import (
	"bytes"
	"errors"
	"os"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/keg-project/keg/linux"
)

// A process that joins a container may be stopped on its way by whoever freezes
// its cgroup, and keg must not hang with it.

// patience is how long keg waits before it looks for a reason not to.
const patience = 100 * time.Millisecond

// killTimeout bounds the wait for a killed process.
const killTimeout = 5 * time.Second

// await waits for a message or, with a pidfd, for that process's end.
func (l *launching) await(pidfd int) (told bool, err error) {
	slice := patience
	if l.env.Waiting == nil {
		slice = -1
	}
	for {
		told, err = linux.ReadableBefore(int(l.ours.Fd()), pidfd, slice)
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			return told, err
		}
		if err := l.env.Waiting(); err != nil {
			return false, err
		}
	}
}

// watchFork kills the child that the calling thread is about to clone when
// there is a reason not to wait for it. The result ends the watch, and gives
// the reason. Who the child is only the kernel's list tells: clone(2) returns
// once it has executed something (CLONE_VFORK).
func (l *launching) watchFork() (end func() error) {
	list := "/proc/self/task/" + strconv.Itoa(syscall.Gettid()) + "/children"
	before, _ := os.ReadFile(list)
	var watch struct {
		sync.Mutex
		timer  *time.Timer
		ended  bool
		reason error
	}
	watch.Lock()
	defer watch.Unlock()
	watch.timer = time.AfterFunc(patience, func() {
		watch.Lock()
		defer watch.Unlock()
		if watch.ended {
			return
		}
		if watch.reason = l.env.Waiting(); watch.reason == nil {
			watch.timer.Reset(patience)
			return
		}
		killNew(list, before)
	})
	return func() error {
		watch.Lock()
		defer watch.Unlock()
		watch.ended = true
		watch.timer.Stop()
		return watch.reason
	}
}

// killNew kills those on the list that were not there before. Nobody reaps
// them meanwhile: the thread that could is waiting for this one.
func killNew(list string, before []byte) {
	now, _ := os.ReadFile(list)
	old := bytes.Fields(before)
	for _, field := range bytes.Fields(now) {
		known := false
		for _, o := range old {
			known = known || bytes.Equal(o, field)
		}
		if pid, err := strconv.Atoi(string(field)); err == nil && !known {
			syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}
