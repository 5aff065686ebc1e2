package container

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"syscall"
	"time"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/cgroup"
	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/plan"
	"github.com/keg-project/keg/state"
)

// namespaceFiles are those in /proc/PID/ns that a process is in itself.
var namespaceFiles = [...]struct {
	name string
	kind uint64
}{
	{"user", linux.CLONE_NEWUSER}, {"mnt", linux.CLONE_NEWNS}, {"pid", linux.CLONE_NEWPID}, {"net", linux.CLONE_NEWNET},
	{"ipc", linux.CLONE_NEWIPC}, {"uts", linux.CLONE_NEWUTS}, {"cgroup", linux.CLONE_NEWCGROUP}, {"time", linux.CLONE_NEWTIME},
}

// foreignNamespaces are those of a process that the caller is not in. To join
// one's own user namespace is an error. setns(2), EINVAL
func foreignNamespaces(pid int) (types uint64, err error) {
	theirs := "/proc/" + strconv.Itoa(pid) + "/ns/"
	for _, ns := range namespaceFiles {
		same, err := linux.SameFile(theirs+ns.name, "/proc/self/ns/"+ns.name)
		if err != nil {
			return 0, err
		}
		if !same {
			types |= ns.kind
		}
	}
	return types, nil
}

// joining is a process on its way into a container.
type joining struct {
	id      string
	dir     *state.Dir
	state   state.State
	spec    *oci.Spec
	process *oci.Process
	console console
	pidfd   *os.File // the init
	root    *os.File // its root directory; nil: that of its mount namespace
	cgroup  *cgroup.Cgroup
	attach  bool // systemd puts it there
	as      plan.Join
	stdio   []*os.File // of a hook, instead of keg's own

	receiver *os.File // of a pidfd; nil: there is none
}

// joining finds out what there is to join. It takes no lock: a probe must not
// wait for a command that works on the container. The pidfd stays with the
// init that was recorded, whatever happens meanwhile.
func (c *Container) joining(o *ExecOptions) (j *joining, err error) {
	j = &joining{id: c.id}
	defer func() {
		if err != nil {
			j.close()
		}
	}()
	if j.dir, err = state.Open(c.root, c.id); err != nil {
		return j, err
	}
	if j.state, err = j.dir.Read(); err != nil {
		return j, err
	}
	if err := j.allowed(o.IgnorePaused); err != nil {
		return j, err
	}
	if j.spec, err = recordedSpec(j.dir); err != nil {
		return j, err
	}
	return j, j.openInit()
}

func (j *joining) allowed(ignorePaused bool) error {
	f, err := facts(j.dir, j.state)
	if err != nil {
		return err
	}
	f.Locked = j.state.Pid == 0 && j.dir.Locked()
	if ignorePaused {
		f.Frozen = false
	}
	return f.Status().Allow(state.Exec, j.id)
}

func (j *joining) openInit() error {
	fd, err := linux.PidfdOpen(j.state.Pid)
	if err != nil {
		return j.gone(err)
	}
	j.pidfd = os.NewFile(uintptr(fd), "pidfd")
	if j.as.Types, err = foreignNamespaces(j.state.Pid); err != nil {
		return j.gone(err)
	}
	// What was entered by chroot is not the root of the mount namespace, nor is the setup's.
	if j.as.Types&linux.CLONE_NEWNS == 0 || joinsMounts(j.spec) || j.as.Plain {
		if j.root, err = linux.OpenDirectory("/proc/" + strconv.Itoa(j.state.Pid) + "/root"); err != nil {
			return j.gone(err)
		}
		j.as.Root = true
	}
	if !state.Alive(j.state.Pid, j.state.StartTime) { // asked after all of it was opened
		return j.gone(syscall.ESRCH)
	}
	return nil
}

// gone: an init that has ended meanwhile is no fault of keg's. To an ordinary
// user the kernel denies the namespaces of one that is about to end, before
// they are no longer there.
func (j *joining) gone(err error) error {
	ended := errors.Is(err, syscall.ESRCH) || errors.Is(err, os.ErrNotExist)
	if ended || errors.Is(err, os.ErrPermission) && j.endsWithin(100*time.Millisecond) {
		return state.Stopped.Allow(state.Exec, j.id)
	}
	if errors.Is(err, os.ErrPermission) {
		return fmt.Errorf("container %q: %w (hint: only who made the container may enter it, and an ordinary user not before its program has started)", j.id, err)
	}
	return err
}

func (j *joining) close() {
	for _, f := range []*os.File{j.pidfd, j.root, j.receiver} {
		if f != nil {
			f.Close()
		}
	}
	if j.dir != nil {
		j.dir.Close()
	}
}
