package main

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/keg-project/keg/boot/pid1"
	"github.com/keg-project/keg/boot/reap"
	"github.com/keg-project/keg/boot/service"
	"github.com/keg-project/keg/cmd/keg/argv"
)

func bootServicesCommand() command {
	return command{
		name:  "services",
		short: "start a tree's services and keep them running",
		long: "Each directory below DIR is a bundle, and its name the service's. They are started\n" +
			"side by side, or in the order that the annotation org.keg.boot.after asks for, and\n" +
			"again after a failure. `keg boot status` and its neighbours ask the supervisor, which\n" +
			"stops all of them, in the opposite order, on SIGTERM. If it is killed they run on, and\n" +
			"the next one finds them. Its status is 0 after the end of all, 3 if something of theirs\n" +
			"could not be removed. docs/linuxkit.md has the annotations.",
		setup: setupBootServices,
	}
}

// servicesFlags are those of the supervisor.
type servicesFlags struct {
	service.Options
	check, detach bool
	socket        containerdSocket
}

func setupBootServices(s *argv.Set) action {
	f := &servicesFlags{Options: service.Options{
		Tree: "/containers/services", LogDir: "/var/log", External: loggingSocket,
	}}
	addTree(s, &f.Tree)
	s.String(&f.Tree, "path", 0, "DIR", "the same, as LinuxKit's scripts have it")
	f.socket.add(s)
	s.Func("containerd", 0, "PROGRAM", "for LinuxKit's scripts: keg starts no containerd", func(string) error { return nil })
	addRunDir(s, &f.RunDir)
	s.String(&f.LogDir, "log-dir", 0, "DIR", "where NAME.out.log and NAME.log are written (default: "+f.LogDir+")")
	s.String(&f.External, "logging-socket", 0, "SOCKET", "who logs for the machine; used if it exists (default: "+f.External+")")
	s.Bool(&f.check, "check", 0, "start nothing: tell what is wrong with the tree, and fail if something is")
	s.Bool(&f.detach, "detach", 'd', "return when each service runs, or has failed once, and keep them in the background")
	return func(c *call, _ argv.Args) (int, error) { return 0, f.run(c) }
}

// addRunDir adds the flag that supervisor and clients have to agree on.
func addRunDir(s *argv.Set, dir *string) {
	*dir = "/run/keg"
	s.String(dir, "run-dir", 0, "DIR", "where the supervisor's socket is (default: "+*dir+")")
}

func (f *servicesFlags) run(c *call) error {
	var err error
	if f.Root, err = c.stateRoot(); err != nil {
		return err
	}
	if f.Flags, err = c.createFlags(); err != nil {
		return err
	}
	f.Say = c.progress
	f.socket.warn(c)
	if f.check {
		return service.Check(f.Options)
	}
	tried, err := bootParent()
	if err != nil {
		return err
	}
	if f.detach && tried == nil {
		return c.detach()
	}
	if tried != nil {
		f.Tried = func() {
			tried.Write([]byte{1})
			tried.Close()
		}
	}
	signal.Ignore(syscall.SIGPIPE) // whoever reads its messages may go before it
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, endSignals()...)
	if f.Reaper, err = reap.New(); err != nil {
		return err
	}
	s, err := service.New(f.Options)
	if err != nil {
		return err
	}
	err = s.Run(stop)
	if errors.As(err, new(*service.NotClean)) {
		c.failure = pid1.EndedAsTold // nobody is to start it once more
	}
	return err
}

// bootParent is what the parent of a supervisor in the background waits for; nil
// without one.
func bootParent() (*os.File, error) {
	if os.Getenv(pid1.DetachedVariable) != pid1.DetachedFile {
		return nil, nil
	}
	os.Unsetenv(pid1.DetachedVariable)
	syscall.CloseOnExec(3)
	f := os.NewFile(3, "detached")
	_, err := f.Stat()
	return f, err
}

// detach starts keg once more, in a session of its own, and waits until that has
// tried all services.
func (c *call) detach() error {
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	defer r.Close()
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer null.Close()
	child, err := os.StartProcess("/proc/self/exe", os.Args, &os.ProcAttr{
		Env: append(os.Environ(), pid1.DetachedVariable+"="+pid1.DetachedFile), Files: []*os.File{null, null, os.Stderr, w},
		Sys: &syscall.SysProcAttr{Setsid: true},
	})
	w.Close()
	if err != nil {
		return err
	}
	if n, _ := r.Read(make([]byte, 1)); n == 1 {
		return child.Release()
	}
	state, err := child.Wait()
	if err == nil {
		err = fmt.Errorf("the supervisor has ended at once: %s", state)
	}
	return err
}
