package pid1

import (
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/keg-project/keg/linux"
)

const (
	scriptLimit   = 5 * time.Minute  // for a script of shutdown.d, or onshutdown
	servicesLimit = 90 * time.Second // for all of them, which have graces of their own
	defaultGrace  = 5 * time.Second  // between SIGTERM and SIGKILL, for what is left then
)

// end takes down what runs, and on a machine the machine. Without an order there
// is nothing left to end.
func (p *process) end(o order) error {
	if o == none {
		return nil
	}
	p.say("%s", p.farewell(o))
	p.shutdownScripts()
	if p.services != nil && !p.services.end(servicesLimit) {
		p.say("services: not ended after %v", servicesLimit)
	}
	p.endProcesses(p.cmdline.seconds("keg.grace", defaultGrace))
	if !p.machine {
		return nil
	}
	p.flush("sync", linux.Sync)
	p.flush("unmounting", p.unmountAll)
	return p.reboot(o)
}

func (p *process) farewell(o order) string {
	if p.machine {
		return string(o)
	}
	return "end"
}

// shutdownScripts runs shutdown.d, or where there is none keg's own part.
func (p *process) shutdownScripts() {
	list, err := scripts(shutdownDir)
	if errors.Is(err, os.ErrNotExist) {
		if isDirectory(filepath.Join(containers, "onshutdown")) {
			p.say("onshutdown")
			if err := p.runFor(scriptLimit, self, "keg", "boot", "onshutdown"); err != nil {
				p.say("onshutdown: %v", err)
			}
		}
		return
	}
	p.warn(err)
	for _, script := range list {
		if err := p.runFor(scriptLimit, script, script); err != nil {
			p.say("%s: %v", script, err)
		}
	}
}

// reboot does not return on a machine that does as it is told.
func (p *process) reboot(o order) error {
	p.say("%s now", o)
	if err := linux.Reboot(o.command()); err != nil {
		return err
	}
	for { // a machine that is halted still has a process 1
		time.Sleep(time.Hour)
	}
}
