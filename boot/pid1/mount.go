package pid1

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"syscall"

	"github.com/keg-project/keg/linux"
)

// mountAll makes the machine's file systems. What fails is told and left out: a
// machine with less is of more use than none.
func (p *process) mountAll() {
	p.makeDirectories(rootDirectories)
	p.mount(early)
	p.cmdline = readCmdline()
	// EINVAL and EBUSY: it is read-only already, or cannot be.
	_ = linux.MountAt("", "/", "", linux.MS_REMOUNT|linux.MS_RDONLY, "")
	p.mount(memory)
	p.makeDirectories(varDirectories)
	p.mount(devices)
	p.makeNodes()
	p.makeDirectories(devDirectories)
	p.mount(belowDev)
	p.mount(kernels)
	controllers, _ := os.ReadFile("/proc/cgroups")
	p.mount(cgroups(p.cmdline, string(controllers)))
	p.warn(linux.MountAt("", "/", "", linux.MS_REC|linux.MS_SHARED, ""))
}

func (p *process) mount(table []mountPoint) {
	mounted, _ := linux.Mounts() // none, before /proc is there
	for _, m := range lacking(table, mounted) {
		err := os.MkdirAll(m.target, 0o755) // of cgroup v1
		if err == nil || m.optional {
			err = linux.MountAt(cmp.Or(m.source, m.kind), m.target, m.kind, m.flags, m.data)
		}
		if !m.optional {
			p.warn(err)
		}
	}
}

func (p *process) makeDirectories(list []directory) {
	for _, d := range list {
		err := os.Mkdir(d.path, d.mode)
		if err == nil {
			err = os.Chmod(d.path, d.mode) // Mkdir's is less the umask
		}
		if !errors.Is(err, fs.ErrExist) {
			p.warn(err)
		}
	}
}

func (p *process) makeNodes() {
	for _, n := range nodes {
		if err := linux.MakeNode(n.path, syscall.S_IFCHR|n.mode, linux.Mkdev(n.major, n.minor)); !errors.Is(err, fs.ErrExist) {
			p.warn(err)
		}
	}
	for _, l := range links {
		if err := os.Symlink(l.to, l.name); !errors.Is(err, fs.ErrExist) {
			p.warn(err)
		}
	}
}
