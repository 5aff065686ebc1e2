package hooks

import (
	"errors"
	"os"
	"syscall"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/linux"
)

// Here starts hooks in keg's own namespaces, in the directory dir. A hook whose
// env is absent inherits keg's environment, as execv(3) has it; an empty one is
// an empty environment.
func Here(dir string) Start {
	if _, err := os.Stat(dir); err != nil {
		dir = "/" // of a bundle that is gone by the time of poststop
	}
	return func(h *oci.Hook, stdio [3]int) (Process, error) { return startHere(h, dir, stdio) }
}

func startHere(h *oci.Hook, dir string, stdio [3]int) (Process, error) {
	env := h.Env
	if env == nil {
		env = syscall.Environ()
	}
	// Who called keg may have left more open than it knows.
	if err := linux.CloseOnExecFrom(3); err != nil {
		return Process{}, err
	}
	pidfd := -1
	pid, err := syscall.ForkExec(h.Path, Args(h), &syscall.ProcAttr{
		Dir: dir, Env: env, Files: []uintptr{uintptr(stdio[0]), uintptr(stdio[1]), uintptr(stdio[2])},
		// Nobody would end it in time once keg is killed.
		Sys: &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL, PidFD: &pidfd},
	})
	if err != nil {
		return Process{}, execError(h.Path, err)
	}
	return Process{pid, pidfd}, nil
}

// Args are the hook's arguments: without any, its path is argv[0].
func Args(h *oci.Hook) []string {
	if len(h.Args) == 0 {
		return []string{h.Path}
	}
	return h.Args
}

// execError says what is wrong with the path.
func execError(path string, err error) error {
	e := &FieldError{Field: "path", Err: &os.PathError{Op: "execute", Path: path, Err: err}}
	info, failed := os.Stat(path)
	switch {
	case errors.Is(err, syscall.EAGAIN), errors.Is(err, syscall.ENOMEM):
		e.Err = os.NewSyscallError("clone", err)
	case errors.Is(err, syscall.ENOENT) && failed == nil:
		e.Hint = "the file is there, and the interpreter or ELF loader that it names is not"
	case errors.Is(err, syscall.EACCES) && failed == nil && info.IsDir():
		e.Hint = "it is a directory"
	case errors.Is(err, syscall.EACCES):
		e.Hint = "the file or a directory on the way is not executable for keg's user"
	case errors.Is(err, syscall.ENOEXEC):
		e.Hint = "the file is neither a program of this architecture nor a script that begins with #!"
	}
	return e
}
