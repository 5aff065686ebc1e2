package pid1

import (
	"errors"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/keg-project/keg/boot/modules"
	"github.com/keg-project/keg/linux"
)

const (
	mdev     = "/sbin/mdev"
	mdevConf = "/etc/mdev.conf" // owners, modes and links of devices
	modprobe = "/sbin/modprobe"
)

// driverPatience is how long a program may take that looks for devices or loads
// a driver. An order that comes meanwhile is taken by whoever waits for orders.
const driverPatience = time.Minute

// hardware loads what drives the devices that are there, and those that come.
func (p *process) hardware() {
	p.openModules()
	uevents, err := linux.OpenUevents() // before the look at what is there: nothing comes in between
	p.warn(err)
	p.coldplug()
	if usesMdev() {
		p.warn(p.runFor(driverPatience, mdev, mdev, "-s"))
	}
	if uevents != nil {
		p.spawn("devices", func() error { return p.hotplug(uevents) })
	}
	p.clock()
	p.warn(linux.LinkUp("lo"))
}

func usesMdev() bool {
	_, program := os.Stat(mdev)
	_, rules := os.Stat(mdevConf)
	return program == nil && rules == nil
}

func (p *process) openModules() {
	var err error
	p.modules, err = modules.ForThisKernel()
	if errors.Is(err, modules.ErrNone) {
		return // all drivers are built in
	}
	if err != nil {
		p.warn(err)
		return
	}
	if _, err := os.Stat(modprobe); err == nil {
		p.modules.Other = func(module string) error { return p.runFor(driverPatience, modprobe, modprobe, "-q", module) }
		return
	}
	p.warn(p.beModprobe())
}

// beModprobe has the kernel call keg where it would call modprobe: for file
// systems, types of network devices, protocols.
func (p *process) beModprobe() error {
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	const link = "/run/init/modprobe"
	if err := os.MkdirAll(filepath.Dir(link), 0o755); err != nil {
		return err
	}
	if err := os.Symlink(exe, link); err != nil {
		return err
	}
	return os.WriteFile("/proc/sys/kernel/modprobe", []byte(link), 0)
}

// coldplug loads the drivers of the devices that are there already.
func (p *process) coldplug() {
	if p.modules != nil {
		p.drivers(present)
	}
}

// drivers loads one after the other beside the process's life, and follows: it tells
// of each alias before its driver is loaded.
func (p *process) drivers(each iter.Seq[string]) {
	aliases := make(chan string)
	p.spawn("drivers", func() error {
		defer close(aliases)
		for alias := range each {
			aliases <- alias
			p.load(alias)
		}
		return nil
	})
	p.follow(2*driverPatience, aliases)
}

// follow waits as long as drivers come to an end, each within the limit: one may
// wait for its device for ever, and those after it wait for that one.
func (p *process) follow(limit time.Duration, aliases <-chan string) {
	for alias, more := "", true; more && !p.stuck; {
		select {
		case alias, more = <-aliases:
		case <-time.After(limit):
			p.say("driver for %s: not waited for any longer than %v, nor are others", alias, limit)
			p.stuck = true
		}
	}
	go func() {
		for range aliases { // when it goes on after all
		}
	}()
}

// present are the aliases of the devices that are there. A driver of a bus brings
// more of them.
func present(yield func(string) bool) {
	const depth = 5 // of buses behind buses
	seen := map[string]bool{}
	for range depth {
		files, _ := filepath.Glob("/sys/bus/*/devices/*/modalias") // the pattern is right
		any := false
		for _, name := range files {
			if alias := read(name); alias != "" && !seen[alias] {
				seen[alias], any = true, true
				if !yield(alias) {
					return
				}
			}
		}
		if !any {
			return
		}
	}
}

// load loads a device's driver.
func (p *process) load(alias string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.modules == nil {
		return
	}
	if _, err := p.modules.Load(alias); err != nil {
		p.say("driver for %s: %v", alias, err)
	}
}

// hotplug is told of what comes later. The nodes in /dev are the kernel's work.
func (p *process) hotplug(u *linux.Uevents) error {
	defer u.Close()
	withMdev := usesMdev()
	buf := make([]byte, 8<<10)
	for {
		n, err := u.Next(buf)
		if errors.Is(err, syscall.ENOBUFS) {
			p.coldplug() // some were lost
			continue
		}
		if err != nil {
			return err
		}
		e := parseUevent(string(buf[:n]))
		if e.action == "add" && e.modalias != "" {
			p.drivers(slices.Values([]string{e.modalias}))
		}
		if withMdev && e.action != "" {
			p.helper(e)
		}
	}
}

// helper calls mdev as the kernel would, if it is configured to.
func (p *process) helper(e uevent) {
	c, err := p.startWith(append([]string{"PATH=/sbin:/bin:/usr/sbin:/usr/bin", "HOME=/"}, e.variables...), nil, mdev, mdev)
	if err != nil {
		p.warn(err)
		return
	}
	c.Wait()
}

// uevent is a message of the kernel's about a device.
type uevent struct {
	action, modalias string
	variables        []string // all that it says
}

// parseUevent reads "add@/devices/…", and variables, each with a zero byte at its
// end. kobject_uevent_env in lib/kobject_uevent.c
func parseUevent(message string) uevent {
	var e uevent
	header, rest, ok := strings.Cut(message, "\x00")
	if !ok || !strings.Contains(header, "@") {
		return e
	}
	for variable := range strings.SplitSeq(strings.TrimSuffix(rest, "\x00"), "\x00") {
		name, value, ok := strings.Cut(variable, "=")
		switch {
		case !ok:
			continue
		case name == "ACTION":
			e.action = value
		case name == "MODALIAS":
			e.modalias = value
		}
		e.variables = append(e.variables, variable)
	}
	return e
}
