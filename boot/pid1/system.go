package pid1

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/keg-project/keg/linux"
)

const openFiles = 1048576

// system sets what containers have as well: limits, a name, a resolv.conf.
func (p *process) system() {
	p.warnLimit(linux.SetLimit(linux.RLIMIT_NOFILE, openFiles))
	p.warnLimit(linux.SetLimit(linux.RLIMIT_NPROC, linux.RLIM_INFINITY))
	p.hostname()
	p.resolvConf()
}

// warnLimit: a container's hard limits may be lower and stay so.
func (p *process) warnLimit(err error) {
	if p.machine || !errors.Is(err, os.ErrPermission) {
		p.warn(err)
	}
}

func (p *process) hostname() {
	now, _ := os.Hostname()
	if name := hostname(read("/etc/hostname"), now, hardwareAddress()); name != "" {
		if err := linux.SetHostname(name); p.machine {
			p.warn(err) // in a container it may be another's
		}
	}
}

// hostname is the name to give, or "" if it has one: what /etc/hostname says,
// else one made of a network device's address.
func hostname(file, now, address string) string {
	switch {
	case file != "":
		return file
	case now != "" && now != "(none)" || address == "":
		return ""
	}
	return "linuxkit-" + strings.ReplaceAll(address, ":", "")
}

// hardwareAddress is that of eth0, or of the first device that has one.
func hardwareAddress() string {
	if address := read("/sys/class/net/eth0/address"); address != "" {
		return address
	}
	list, _ := filepath.Glob("/sys/class/net/*/address") // sorted
	for _, name := range list {
		if address := read(name); strings.Trim(address, "0:") != "" {
			return address
		}
	}
	return ""
}

// resolvConf makes the file that /etc/resolv.conf is a link to: usually below
// /run, for a DHCP client in a container to write.
func (p *process) resolvConf() {
	const name = "/etc/resolv.conf"
	target, err := os.Readlink(name)
	if err != nil {
		return // a file, or nothing
	}
	if !filepath.IsAbs(target) {
		target = filepath.Join(filepath.Dir(name), target)
	}
	err = os.MkdirAll(filepath.Dir(target), 0o755)
	if err == nil {
		var f *os.File
		if f, err = os.OpenFile(target, os.O_WRONLY|os.O_CREATE, 0o644); err == nil {
			err = f.Close()
		}
	}
	p.warn(err)
}

// clock sets the time of day from the clock that runs when the machine is off,
// if the kernel has not done so.
func (p *process) clock() {
	const rtc = "/sys/class/rtc/rtc0/"
	seconds, err := strconv.ParseInt(read(rtc+"since_epoch"), 10, 64)
	if read(rtc+"hctosys") == "1" || err != nil || seconds <= 0 {
		return
	}
	p.warn(linux.SetClock(time.Unix(seconds, 0)))
}

// read is a small file's text; "" if there is none.
func read(name string) string {
	text, err := os.ReadFile(name)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}
