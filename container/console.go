package container

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"github.com/keg-project/keg/launch"
	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/program"
	"github.com/keg-project/keg/relay"
	"github.com/keg-project/keg/terminal"
)

// console is who gets the terminal of a container's process: an engine, or the
// person in front of keg. The zero console is for a process without one.
type console struct {
	wanted bool
	socket *os.File
	pass   *terminal.Pass
}

// openConsole looks for the receiver before anything is made. A terminal that
// nobody holds ends at once, and with it what runs on it.
func openConsole(wanted, detach bool, socket string) (c console, err error) {
	c.wanted = wanted
	switch {
	case !wanted && socket != "":
		return c, errors.New("--console-socket: process.terminal is false, so there is no terminal to send")
	case wanted && detach && socket == "":
		return c, errors.New("process.terminal: keg does not stay to hold the terminal of a detached process: --console-socket must name a socket to send it to")
	case !detach && socket != "":
		return c, errors.New("--console-socket: is for a process that keg detaches from (create, --detach); in the foreground keg passes the terminal on itself")
	}
	if socket != "" {
		if c.socket, err = linux.DialUnix(socket); err != nil {
			return c, consoleError(err)
		}
	}
	return c, nil
}

func consoleError(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("--console-socket: %w (hint: an engine must listen there until it has got the terminal)", err)
}

// takeSignals keeps keg's signals, for a process in the foreground, until begin
// says who gets them.
func (c *console) takeSignals() error {
	if !c.wanted {
		return holdSignals()
	}
	err := c.passOn()
	if err == nil {
		c.pass.TakeSignals()
	}
	return err
}

// hold is takeSignals for who asks which signals came meanwhile: on a terminal
// they end keg until the process runs, and the terminal's end ends the process.
func (c *console) hold() error {
	if !c.wanted {
		return holdSignals()
	}
	return c.passOn()
}

// holdSignals: what suspends keg suspends the process as well, which is in no
// process group that the caller's terminal knows.
func holdSignals() error {
	if terminal.CanSuspend() {
		if err := relay.HoldSuspend(); err != nil {
			return err
		}
	}
	return relay.Hold()
}

// endingSignal is one that is held and asks keg to end; 0 if none has come.
func endingSignal() syscall.Signal {
	return relay.Held(syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGQUIT)
}

// passOn prepares for the terminal of a process in the foreground.
func (c *console) passOn() (err error) {
	c.pass, err = terminal.New()
	return err
}

// begin passes signals on to the process, and with a terminal what is typed
// and shown. dir is the container's state directory.
func (c *console) begin(i *launch.Init, dir *os.File) error {
	if c.pass == nil {
		relay.To(i.SignalFD())
		return nil
	}
	return c.pass.Begin(i.SignalFD(), func(p *program.Linked) (*os.File, error) { return launch.Executable(p, dir) })
}

// take takes the terminal's master when the process has made it. Whoever gets it from
// the socket has its settings to decide on: Docker's client, behind the engine, needs the
// carriage returns, since its own terminal is raw.
func (c *console) take(master *os.File) error {
	if c.pass != nil {
		return c.pass.Take(master)
	}
	defer master.Close()
	return consoleError(linux.SendFile(c.socket, master, master.Name()))
}

// end gives the person the terminal back.
func (c *console) end() error {
	if c.pass == nil {
		return nil
	}
	return c.pass.End()
}

func (c *console) close() {
	if c.socket != nil {
		c.socket.Close()
	}
}
