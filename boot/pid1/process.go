package pid1

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"sync"
	"syscall"
	"time"

	"github.com/keg-project/keg/boot/modules"
	"github.com/keg-project/keg/boot/reap"
	"github.com/keg-project/keg/linux"
)

// Options are what Run has to be told.
type Options struct {
	Console io.Writer // for messages
	Args    []string  // the process's own, to execute it again
}

// process is the first process at work.
type process struct {
	Options
	machine bool // it is a machine's, not a container's
	cmdline cmdline
	reaper  *reap.Reaper
	orders  chan order
	broken  chan error // what keeps it from going on, from beside its life
	null    *os.File   // standard input of what it starts
	stuck   bool       // a driver has not come to an end: others are not waited for

	mu       sync.Mutex // of what the goroutines below share
	modules  *modules.Loader
	services *keeper
	failed   bool // something that was started at the beginning
}

// Run is what the first process does, to its end. On a machine it returns only
// if there is nothing else to do.
func Run(o Options) (status int) {
	p := &process{Options: o, orders: make(chan order, 1), broken: make(chan error, 1)}
	err := p.outcome(p.life)
	if err == nil && !p.failed {
		return 0
	}
	if err != nil && p.machine {
		p.rescue(err)
	}
	p.warn(err)
	return 1
}

// outcome is how a life ends, which something beside it may have broken.
func (p *process) outcome(life func() error) error {
	ended := make(chan error, 1)
	go func() { ended <- p.guarded(life) }()
	select {
	case err := <-ended:
		return err
	case err := <-p.broken:
		return err
	}
}

// breakDown is told what process 1 cannot go on with.
func (p *process) breakDown(err error) {
	select {
	case p.broken <- err:
	default: // it is broken already
	}
}

// life is a whole one, from the first mount to the last.
func (p *process) life() error {
	ignoreStraySignals()
	p.listen()
	var err error
	if p.reaper, err = reap.NewGuarded(p.breakDown); err != nil {
		return err
	}
	if err := p.place(); err != nil {
		return err
	}
	if p.machine {
		if err := p.ownRoot(); err != nil {
			return err
		}
		p.mountAll()
		p.say("%s", banner)
		p.warn(linux.Reboot(linux.REBOOT_CAD_OFF))
	}
	if p.null, err = os.OpenFile(os.DevNull, os.O_RDWR, 0); err != nil {
		return err
	}
	if p.machine {
		p.hardware()
	}
	p.system()
	o, err := p.sequence()
	if err != nil {
		return err
	}
	if o == none {
		o = p.wait()
	}
	return p.end(o)
}

// place finds out whose first process this is: a machine's, if its pid namespace
// is the kernel's first one. Who made a container without /proc gets one.
func (p *process) place() error {
	if os.Getpid() != 1 {
		return nil // a subreaper
	}
	if _, err := os.Lstat("/proc/self"); err != nil {
		p.makeDirectories(rootDirectories[:1])
		err := linux.MountAt("proc", "/proc", "proc", nodev|nosuid|noexec|relatime, "")
		if errors.Is(err, os.ErrPermission) {
			return nil // the machine's first process may
		}
		if err != nil {
			p.machine = true
			return err
		}
	}
	var err error
	p.machine, err = linux.InInitialPidNamespace()
	return err
}

// ownRoot sees to it that the root directory is one that containers can be made
// in: if it is not yet, by executing keg once more in the new one. The process
// that began would keep the old one's file in memory.
func (p *process) ownRoot() error {
	p.cmdline = readCmdline()
	first, err := linux.RootIsInitramfs()
	if err != nil {
		return err
	}
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	if choice, _ := p.cmdline.value("keg.root"); first && choice != "keep" {
		if err := leaveInitramfs(); err != nil {
			return err
		}
		return execute(exe, p.Args)
	}
	if other, ok := p.cmdline.value("keg.init"); ok && other != exe {
		return execute(other, []string{other})
	}
	return nil
}

// execute returns only with an error.
func execute(path string, argv []string) error {
	return &os.PathError{Op: "execve", Path: path, Err: syscall.Exec(path, argv, os.Environ())}
}

// guarded returns a panic as an error: the end of process 1 would be the
// kernel's.
func (p *process) guarded(do func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	return do()
}

const banner = "keg is process 1"

// spawn is for what goes on beside the first process's life: without it the
// machine goes on. The channel is closed when it has ended.
func (p *process) spawn(what string, do func() error) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := p.guarded(do); err != nil {
			p.say("%s: %v", what, err)
		}
	}()
	return done
}

// say tells something on the console, and when: since the machine's start.
func (p *process) say(format string, args ...any) {
	fmt.Fprintf(p.Console, "init: [%7.3f] %s\n", linux.Uptime().Round(time.Millisecond).Seconds(), fmt.Sprintf(format, args...))
}

func (p *process) warn(err error) {
	if err != nil {
		p.say("%v", err)
	}
}
