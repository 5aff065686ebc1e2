package doctor

import (
	"errors"
	"os"
	"slices"
	"strings"
	"syscall"

	"github.com/keg-project/keg/cgroup"
)

const subjectCgroups = "cgroups"

// cgroupFacts are where cgroups are, and what of them keg's user can have.
type cgroupFacts struct {
	uid       int
	account   string
	err       error
	mode      cgroup.Mode
	kernel    []string         // controllers of the mounted hierarchies, by v2's names
	mine      bool             // cgroups can be made where keg puts them
	can       []string         // controllers that keg can give a container itself
	kept      map[string]error // those that it cannot, and why
	systemd   bool             // runs here
	manager   bool             // of the user's own
	handed    []string         // controllers that the user's manager has
	kill      bool             // there is cgroup.kill, or no cgroup to look at
	devices   error            // of loading a program for devices
	tried     bool             // that was tried
	swap      int              // kB of it that the machine has
	accounted bool             // it can be limited
	pressure  error
}

func examineCgroups(m *machine) []Finding {
	f := cgroupFacts{uid: m.uid, account: m.account(), systemd: m.systemd, kill: true}
	l, err := cgroup.Detect()
	f.mode, f.err = l.Mode, err
	if err == nil && l.Mode != cgroup.None {
		f.readControllers(l)
		f.readUnified(l)
		f.readSwap(l)
		f.readManager()
		f.tried = m.root() && l.Mode == cgroup.V2
		if f.tried {
			f.devices = loadDeviceProgram()
		}
	}
	_, f.pressure = os.ReadFile("/proc/pressure/cpu")
	return f.findings()
}

// readControllers finds out what a container beside keg could be limited in.
func (f *cgroupFacts) readControllers(l cgroup.Layout) {
	for _, h := range l.Hierarchies {
		if h.V2() {
			f.kernel = append(f.kernel, strings.Fields(content(h.Mount+"/cgroup.controllers"))...)
		} else {
			f.kernel = append(f.kernel, strings.Split(h.Controllers, ",")...)
		}
	}
	f.kernel = slices.DeleteFunc(f.kernel, func(name string) bool { return strings.HasPrefix(name, "name=") })
	rename(f.kernel)
	f.mine = cgroup.Delegated(l)
	dirs, err := cgroup.Path(l, "", "keg-doctor")
	if err != nil {
		f.err = err
		return
	}
	can, err := cgroup.Controllers(dirs)
	if err != nil {
		f.err = err
		return
	}
	if f.kept = can.Kept; f.mine {
		f.can = append(can.V1, can.V2...)
		rename(f.can)
	}
}

// rename gives v1's controllers v2's names.
func rename(names []string) {
	for i, name := range names {
		if name == "blkio" {
			names[i] = "io"
		}
	}
}

// readUnified looks at a cgroup of v2's, other than the root, which lacks files
// that all others have.
func (f *cgroupFacts) readUnified(l cgroup.Layout) {
	for _, h := range l.Hierarchies {
		if dir := someCgroup(h); h.V2() && dir != "" {
			f.kill = exists(dir + "/cgroup.kill")
			f.accounted = f.accounted || exists(dir+"/memory.swap.max")
		}
	}
}

// someCgroup is keg's own or, where that is the root, one below it.
func someCgroup(h cgroup.Hierarchy) string {
	if h.Self != "/" && exists(h.Mount+h.Self) {
		return h.Mount + h.Self
	}
	entries, _ := os.ReadDir(h.Mount)
	for _, e := range entries {
		if e.IsDir() {
			return h.Mount + "/" + e.Name()
		}
	}
	return ""
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

func (f *cgroupFacts) readSwap(l cgroup.Layout) {
	for line := range strings.Lines(content("/proc/meminfo")) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "SwapTotal:" {
			f.swap = number(fields[1])
		}
	}
	for _, h := range l.Hierarchies {
		if !h.V2() && slices.Contains(strings.Split(h.Controllers, ","), "memory") {
			f.accounted = exists(h.Mount + "/memory.memsw.limit_in_bytes")
		}
	}
}

func (f cgroupFacts) findings() []Finding {
	list := []Finding{f.modeFound()}
	if f.err != nil || f.mode == cgroup.None {
		return append(list, f.pressures())
	}
	list = append(list, f.controllers(), f.limits())
	if f.mode != cgroup.V1 {
		list = append(list, f.killing())
	}
	if f.tried {
		list = append(list, f.deviceRules())
	}
	return append(list, f.swapping(), f.pressures())
}

func (f cgroupFacts) modeFound() Finding {
	found := ok(subjectCgroups, "mode", f.mode.String(), "limits, pause, statistics, and that nothing of a container is left")
	switch {
	case f.err != nil:
		return found.bad(Error, f.err.Error(), "see that /proc and /sys/fs/cgroup are mounted")
	case f.mode == cgroup.None && f.uid == 0:
		return found.bad(Error, "no hierarchy is mounted on /sys/fs/cgroup", "sudo mount -t cgroup2 none /sys/fs/cgroup")
	case f.mode == cgroup.None:
		return found.bad(Warning, "no hierarchy is mounted on /sys/fs/cgroup: containers run, but cannot be limited", "sudo mount -t cgroup2 none /sys/fs/cgroup")
	case f.mode == cgroup.V1:
		return found.bad(Note, "v1 alone: containers are killed by freezing them first, and ordinary users have no limits", f.unify())
	case f.mode == cgroup.Hybrid:
		return found.bad(Note, "hybrid: limits are v1's, and ordinary users have none", f.unify())
	}
	return found
}

// unify is how a machine comes to have v2 alone.
func (f cgroupFacts) unify() string {
	if f.systemd {
		return "boot with systemd.unified_cgroup_hierarchy=1 among the kernel's parameters"
	}
	return "have the init system mount cgroup2, and nothing else, on /sys/fs/cgroup (OpenRC: rc_cgroup_mode=\"unified\" in /etc/rc.conf)"
}

// controllers are those that people and engines use every day.
func (f cgroupFacts) controllers() Finding {
	found := ok(subjectCgroups, "controllers", strings.Join(f.kernel, " "), "linux.resources").detail()
	var missing []string
	for _, name := range []string{"cpu", "memory", "pids", "cpuset", "io"} {
		if !slices.Contains(f.kernel, name) {
			missing = append(missing, name)
		}
	}
	switch {
	case len(missing) == 0:
		return found
	case slices.Contains(missing, "memory"):
		return found.bad(Warning, "not there: "+strings.Join(missing, ", "), "boot with cgroup_enable=memory among the kernel's parameters, as on a Raspberry Pi in /boot/firmware/cmdline.txt")
	}
	return found.bad(Warning, "not there: "+strings.Join(missing, ", "), "in a container: have its engine delegate them; else remove cgroup_disable= from the kernel's parameters, or mount v1's hierarchies that are missing")
}

// limits judges what this user can limit: by keg alone or, as `keg shell` does by
// itself, by the user's own systemd manager.
func (f cgroupFacts) limits() Finding {
	var can, cannot []string
	for _, name := range []string{"memory", "cpu", "pids", "cpuset", "io"} {
		switch {
		case slices.Contains(f.can, name), f.manager && slices.Contains(f.handed, name):
			can = append(can, name)
		case slices.Contains(f.kernel, name):
			cannot = append(cannot, name)
		}
	}
	found := ok(subjectCgroups, "limits", "of "+strings.Join(can, ", "), "`keg shell --memory`, `--cpus`, `--pids`, and linux.resources")
	if !f.mine && f.manager {
		found.Found += ", by the user's systemd manager: `keg shell`, `keg --systemd-cgroup run`"
	}
	if len(cannot) == 0 {
		return found
	}
	level := Note
	for _, name := range []string{"memory", "cpu", "pids"} {
		if slices.Contains(cannot, name) {
			level = Warning
		}
	}
	text := "none of " + strings.Join(cannot, ", ")
	if len(can) > 0 {
		text = found.Found + "; but not of " + strings.Join(cannot, ", ")
	}
	if why := f.kept[cannot[0]]; why != nil && f.uid == 0 {
		text += ": " + why.Error()
	}
	return found.bad(level, text, f.delegationMend())
}

func (f cgroupFacts) delegationMend() string {
	const unit = "sudo mkdir -p /etc/systemd/system/user@.service.d && " +
		"printf '[Service]\\nDelegate=cpu cpuset io memory pids\\n' | sudo tee /etc/systemd/system/user@.service.d/delegate.conf && " +
		"sudo systemctl daemon-reload, then log in anew"
	switch {
	case f.uid == 0:
		return "keg's own cgroup, or /sys/fs/cgroup, cannot be written: in a container, have the engine leave it writable, or give a cgroup namespace and --privileged"
	case f.mode != cgroup.V2:
		return f.unify() + ": v1 is not delegated to users"
	case f.systemd && f.manager:
		return unit
	case f.systemd:
		return "log in, or: sudo loginctl enable-linger " + f.account + "; a cgroup for one command: systemd-run --user --scope -p Delegate=yes keg run ..."
	}
	return "give the user a cgroup, and start keg in one below it: sudo sh -c 'mkdir -p /sys/fs/cgroup/" + f.account + "/shell; cd /sys/fs/cgroup/" + f.account +
		"; chown " + f.account + " . cgroup.procs cgroup.subtree_control shell shell/cgroup.procs; echo PID-OF-THE-SHELL > shell/cgroup.procs'"
}

func (f cgroupFacts) killing() Finding {
	found := ok(subjectCgroups, "cgroup.kill", "there, since Linux 5.14", "`keg kill --all` and `keg delete -f` end all processes at once").detail()
	if !f.kill {
		return found.bad(Error, "missing: it came with Linux 5.14", "install Linux 5.14 or newer, and boot it")
	}
	return found
}

func (f cgroupFacts) deviceRules() Finding {
	found := ok(subjectCgroups, "device rules", "a BPF program can be loaded", "linux.resources.devices on cgroup v2, which every container of root's has").detail()
	switch {
	case f.devices == nil:
		return found
	case errors.Is(f.devices, syscall.EPERM):
		return found.bad(Error, "refused: "+f.devices.Error(), "keg is in a container: it needs CAP_BPF or CAP_SYS_ADMIN there, and bpf(2) in its seccomp filter")
	}
	return found.bad(Error, f.devices.Error(), "boot a kernel with CONFIG_CGROUP_BPF and CONFIG_BPF_SYSCALL")
}

func (f cgroupFacts) swapping() Finding {
	found := ok(subjectCgroups, "swap", "can be limited", "linux.resources.memory.swap").detail()
	switch {
	case f.swap == 0:
		found.Found = "the machine has none"
	case !f.accounted && slices.Contains(f.kernel, "memory"):
		return found.bad(Warning, "is there, but is not accounted: a container with a limit of memory swaps as it likes", "boot with swapaccount=1 among the kernel's parameters")
	}
	return found
}

func (f cgroupFacts) pressures() Finding {
	found := ok(subjectCgroups, "pressure", "can be read", "pressure stall information in `keg events`").detail()
	switch {
	case f.pressure == nil:
		return found
	case errors.Is(f.pressure, syscall.EOPNOTSUPP):
		return found.bad(Note, "is off", "boot with psi=1 among the kernel's parameters")
	}
	return found.bad(Note, "is not there: "+f.pressure.Error(), "boot a kernel with CONFIG_PSI")
}
