package kegtest

import (
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"github.com/keg-project/keg/linux"
)

// supervised is set in the environment of the process that runs the tests.
const supervised = "KEG_TEST_SUPERVISED"

// supervise runs the test binary as a child and reaps whatever the tests'
// containers leave to it as a subreaper. The test process cannot do so itself:
// it waits for its own commands, and a zombie that nobody reaps keeps the pid
// namespace that it died in from ending.
func supervise() int {
	if err := linux.BecomeSubreaper(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	tests, err := os.StartProcess("/proc/self/exe", os.Args, &os.ProcAttr{
		Env:   append(os.Environ(), supervised+"="+strconv.Itoa(os.Getpid())),
		Files: []*os.File{os.Stdin, os.Stdout, os.Stderr},
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM)
	go func() {
		for s := range signals {
			tests.Signal(s)
		}
	}()
	return max(reapUntil(tests.Pid), reapRest())
}

// reapUntil reaps children until pid has ended, and returns its exit status.
func reapUntil(pid int) int {
	for {
		var status syscall.WaitStatus
		got, err := syscall.Wait4(-1, &status, 0, nil)
		switch {
		case err == syscall.EINTR, err == nil && got != pid:
			continue
		case err != nil || !status.Exited():
			return 1
		}
		return status.ExitStatus()
	}
}

// reapRest gives what still runs ten seconds to end, then says what it is and ends it:
// the container of a test that was killed would outlive it.
func reapRest() int {
	if reapFor(10 * time.Second) {
		return 0
	}
	for name := range children(os.Getpid()) {
		fmt.Fprintln(os.Stderr, "left behind by the tests:", name+described(name))
	}
	endChildren()
	return 1
}

// reapFor reaps for a time, and tells whether there is nothing left to reap.
func reapFor(long time.Duration) bool {
	for end := time.Now().Add(long); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		for {
			pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil)
			if err == syscall.ECHILD {
				return true
			}
			if err != nil || pid <= 0 {
				break
			}
		}
	}
	return false
}

// endChildren kills the children, and theirs, which become this process's once their
// parents are gone. What a paused container holds ends when it is resumed.
func endChildren() {
	for range 30 {
		for pid := range childrenOf(os.Getpid()) {
			syscall.Kill(pid, syscall.SIGKILL)
		}
		if reapFor(100 * time.Millisecond) {
			return
		}
	}
}
