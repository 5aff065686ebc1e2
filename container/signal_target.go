package container

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"syscall"

	"github.com/keg-project/keg/plan"
	"github.com/keg-project/keg/state"
)

// target is the process that a signal to the container is for: its init or,
// below an init of keg's, which takes none but KILL, the program.
func target(s state.State, sig syscall.Signal) (pid int, err error) {
	if s.Annotations[plan.AnnotationInit] != "true" || sig == syscall.SIGKILL {
		return s.Pid, nil
	}
	return programBelow(s.Pid)
}

// programBelow is the first child of keg's init: it makes no other, and those
// that it inherits come behind. One that waits for start has none.
// proc_pid_task(5), children
func programBelow(init int) (pid int, err error) {
	name := strconv.Itoa(init)
	children, err := os.ReadFile("/proc/" + name + "/task/" + name + "/children")
	if errors.Is(err, os.ErrNotExist) {
		return 0, fmt.Errorf("the program below the container's init: %w (hint: kernels without CONFIG_PROC_CHILDREN do not tell; KILL works)", err)
	}
	if err != nil {
		return 0, err
	}
	first := bytes.Fields(children)
	if len(first) == 0 {
		return init, nil
	}
	return strconv.Atoi(string(first[0]))
}
