package doctor

import (
	"errors"
	"strconv"
	"syscall"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/program"
)

const subjectMounts = "mounts"

// mountFacts are what can be mounted, as root and in a user namespace.
type mountFacts struct {
	root        bool
	usable      bool  // user namespaces are
	overlay     error // in a user namespace
	overlayRoot error
	proc, sysfs error // in a user namespace
	count       int   // of the mount table's lines
	most        int   // fs.mount-max
}

func examineMounting(m *machine) []Finding {
	f := mountFacts{root: m.root(), count: len(m.mounts), most: number(content("/proc/sys/fs/mount-max"))}
	const user = linux.CLONE_NEWUSER | linux.CLONE_NEWNS
	if f.usable = (trial{namespaces: user, write: mountTmpfs}).run() == nil; f.usable {
		f.overlay = trial{namespaces: user, write: overlay(",userxattr")}.run()
		f.proc = trial{namespaces: user | linux.CLONE_NEWPID, write: fresh("proc")}.run()
		f.sysfs = trial{namespaces: user | linux.CLONE_NEWNET, write: fresh("sysfs")}.run()
	}
	if f.root {
		f.overlayRoot = trial{namespaces: linux.CLONE_NEWNS, write: overlay("")}.run()
	}
	return f.findings()
}

// overlay mounts one whose layers all lie on a tmpfs, as `keg shell` does.
func overlay(options string) func(*program.Builder) {
	return func(b *program.Builder) {
		mountTmpfs(b)
		b.Add(op(program.Chdir, b.Text("/proc")))
		for _, dir := range []string{"lower", "upper", "work", "merged"} {
			b.Add(op(program.Mkdirat, program.N(linux.AT_FDCWD), b.Text(dir), program.N(0o755)))
		}
		b.Add(op(program.Mount, b.Text("overlay"), b.Text("merged"), b.Text("overlay"), program.N(0),
			b.Text("lowerdir=lower,upperdir=upper,workdir=work"+options)))
	}
}

// fresh mounts a file system of the kernel's anew.
func fresh(kind string) func(*program.Builder) {
	return func(b *program.Builder) {
		private(b)
		b.Add(op(program.Mount, b.Text(kind), b.Text("/proc"), b.Text(kind), program.N(linux.MS_NOSUID|linux.MS_NODEV|linux.MS_NOEXEC), program.N(0)))
	}
}

func (f mountFacts) findings() []Finding {
	var list []Finding
	if f.usable {
		list = append(list, f.userOverlay(), f.kernelMount("proc", f.proc), f.kernelMount("sysfs", f.sysfs))
	}
	if f.root {
		found := ok(subjectMounts, "overlay", "can be mounted", "engines' images; the annotation org.keg.root.overlay").detail()
		if f.overlayRoot != nil {
			found = found.bad(Warning, "cannot be mounted: "+f.overlayRoot.Error(), "sudo modprobe overlay")
		}
		list = append(list, found)
	}
	return append(list, f.table())
}

func (f mountFacts) userOverlay() Finding {
	found := ok(subjectMounts, "overlay in a user namespace", "can be mounted", "`keg shell`, whose changes are thrown away; engines of ordinary users")
	switch {
	case f.overlay == nil:
		return found
	case errors.Is(f.overlay, syscall.ENODEV):
		return found.bad(Error, "this kernel does not know overlay, or has not loaded it", "echo overlay | sudo tee /etc/modules-load.d/keg.conf && sudo modprobe overlay; until then: `keg shell --keep DIR`")
	}
	return found.bad(Error, "cannot be mounted: "+f.overlay.Error(), "`keg shell --keep DIR` needs none; a security module may deny it: see journalctl -k")
}

func (f mountFacts) kernelMount(kind string, err error) Finding {
	found := ok(subjectMounts, kind+" in a user namespace", "can be mounted", "containers of ordinary users, and `keg shell`, which have one of their own").detail()
	switch {
	case err == nil:
		return found
	case errors.Is(err, syscall.EPERM):
		return found.bad(Error, "refused (EPERM): parts of /"+mountPoint(kind)+" are covered or read-only, as in a container",
			"have the engine that made the container leave it open: docker run --security-opt systempaths=unconfined, podman run --security-opt unmask=ALL")
	}
	return found.bad(Error, "cannot be mounted: "+err.Error(), "a security module may deny it: see journalctl -k")
}

func mountPoint(kind string) string {
	if kind == "sysfs" {
		return "sys"
	}
	return kind
}

// table judges the number of mounts: each container copies them all when it
// begins, and takes its copies off one by one.
func (f mountFacts) table() Finding {
	text := plural(f.count, "mount")
	found := ok(subjectMounts, "table", text, "every container, which copies the table of mounts and takes it apart").detail()
	mend := "see what mounts so much: awk '{print $5}' /proc/self/mountinfo | cut -d/ -f1-4 | sort | uniq -c | sort -rn | head"
	switch {
	case f.most > 0 && f.count > f.most/2:
		return found.bad(Warning, text+", of at most "+strconv.Itoa(f.most), sysctlMend("fs.mount-max", "1000000"))
	case f.count >= 5000:
		return found.bad(Warning, text+": each start of a container takes milliseconds for them", mend)
	case f.count >= 1000:
		return found.bad(Note, text+": starts of containers are measurably slower", mend)
	}
	return found
}
