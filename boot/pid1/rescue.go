package pid1

import (
	"os"
	"syscall"
	"time"

	"github.com/keg-project/keg/linux"
)

const (
	shell        = "/bin/sh"
	rescueDelay  = 30 * time.Second
	rescueDelays = "keg.rescue" // the parameter, in seconds
)

// rescue is what is left to a machine whose first process cannot go on: it must
// not end, as that would be a kernel panic, and it says why. The machine reboots
// after a shell, or where nobody is to use one after some time.
func (p *process) rescue(why error) {
	_ = p.guarded(func() error { // why it is in need of rescue may also be in its way
		p.say("process 1 cannot go on: %v", why)
		delay := p.cmdline.seconds(rescueDelays, -1)
		if delay < 0 && p.rescueShell() {
			delay = 0
		}
		if delay < 0 {
			delay = rescueDelay
		}
		p.say("reboot in %v", delay)
		select {
		case <-time.After(delay):
		case <-p.orders:
		}
		return nil
	})
	p.flush("sync", linux.Sync)
	if err := linux.Reboot(linux.REBOOT_RESTART); err != nil {
		p.say("%v", err)
	}
	for {
		time.Sleep(time.Hour)
	}
}

// rescueShell runs a shell on the console, and tells whether somebody has used
// it.
func (p *process) rescueShell() bool {
	console, err := os.OpenFile("/dev/console", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil || p.reaper == nil {
		return false
	}
	defer console.Close()
	p.say("a shell for rescue (its end is a reboot; %s=SECONDS on the kernel's command line is a reboot without it)", rescueDelays)
	fd := console.Fd()
	attr := syscall.ProcAttr{Dir: "/", Env: environment(os.Environ()), Files: []uintptr{fd, fd, fd}, Sys: &syscall.SysProcAttr{Setsid: true, Setctty: true}}
	c, err := p.reaper.Start(shell, []string{"sh"}, &attr)
	if err != nil { // a console that cannot be a session's terminal
		attr.Sys.Setctty = false
		c, err = p.reaper.Start(shell, []string{"sh"}, &attr)
	}
	if err != nil {
		p.say("%v", err)
		return false
	}
	select {
	case <-c.Done():
	case <-p.orders:
	}
	return true
}
