package launch

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"syscall"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/plan"
	"github.com/keg-project/keg/program"
)

func cloneFlagNames(p *plan.Plan) string {
	if p.CloneFlags == 0 {
		return ""
	}
	return " with " + program.CloneFlags.Decode(p.CloneFlags)
}

// openTree takes a detached copy of a mount, idmapped if asked.
func openTree(fd plan.FD) (*os.File, error) {
	tree, err := linux.OpenTree(fd.Path, fd.Recursive)
	if err != nil || fd.IDMap == nil {
		return tree, err
	}
	ns, err := userNamespace(fd.IDMap)
	if err == nil {
		err = linux.IDMap(tree, int(ns.Fd()), fd.IDMap.Recursive)
		ns.Close()
	}
	if err != nil {
		tree.Close()
		return nil, idmapError(err)
	}
	return tree, nil
}

func idmapError(err error) error {
	if errors.Is(err, syscall.EINVAL) {
		return fmt.Errorf("%w (hint: the file system cannot be idmapped on this kernel, or is already)", err)
	}
	return err
}

// userNamespace opens a user namespace with the mappings: an existing one, or
// a new one, which a process has to hold until it is open.
func userNamespace(m *plan.IDMap) (*os.File, error) {
	if m.NSPath != "" {
		return os.Open(m.NSPath)
	}
	b := program.NewBuilder()
	b.Add(program.Op{Call: program.Read, Args: [6]program.Arg{program.N(0), b.Zero(8, "never"), program.N(1)}})
	b.Add(program.Op{Call: program.Exit, Args: [6]program.Arg{program.N(0)}})
	linked, err := b.Link(2)
	if err != nil {
		return nil, err
	}
	image, err := Executable(linked, nil)
	if err != nil {
		return nil, err
	}
	defer image.Close()
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	high, err := outOfTheWay(image, []uintptr{r.Fd()})
	if err != nil {
		w.Close()
		return nil, err
	}
	defer high.Close()
	pid, err := syscall.ForkExec(selfFD(high), []string{"holder"}, &syscall.ProcAttr{
		Files: []uintptr{r.Fd()},
		Sys:   &syscall.SysProcAttr{Cloneflags: linux.CLONE_NEWUSER},
	})
	runtime.KeepAlive(r)
	if err != nil {
		w.Close()
		return nil, os.NewSyscallError("clone", err)
	}
	defer func() { // its end of file ends it, as keg's death would
		w.Close()
		var status syscall.WaitStatus
		wait(pid, &status)
	}()
	if err := writeMaps(pid, &m.Maps); err != nil {
		return nil, err
	}
	return os.Open("/proc/" + strconv.Itoa(pid) + "/ns/user")
}
