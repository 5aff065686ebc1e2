package doctor

import (
	"errors"
	"strings"
	"syscall"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/program"
)

const subjectUser = "user namespaces"

// userFacts are what decides about user namespaces.
type userFacts struct {
	uid         int
	keg         string
	exe         error // of executing the interpreter from a memfd
	tried       error // of a process in a new one, with a mount in it
	most        string
	cloning     string // kernel.unprivileged_userns_clone, of Debian and others; "" if there is none
	restricted  string // kernel.apparmor_restrict_unprivileged_userns, of Ubuntu
	profiled    bool   // a profile of AppArmor's that allows them names keg
	filtered    bool
	mapsRoot    bool // keg has CAP_SETFCAP, without which nobody maps uid 0
	memfdNoexec string
}

func examineNamespaces(m *machine) []Finding {
	f := userFacts{
		mapsRoot: m.caps&(1<<linux.CAP_SETFCAP) != 0,
		uid:      m.uid, keg: m.Keg, filtered: m.filtered,
		most:        content("/proc/sys/user/max_user_namespaces"),
		cloning:     content("/proc/sys/kernel/unprivileged_userns_clone"),
		restricted:  content("/proc/sys/kernel/apparmor_restrict_unprivileged_userns"),
		memfdNoexec: content("/proc/sys/vm/memfd_noexec"),
		profiled:    profiled(m.Keg, "/etc/apparmor.d"),
	}
	f.exe = trial{}.run()
	f.tried = trial{namespaces: linux.CLONE_NEWUSER | linux.CLONE_NEWNS, write: mountTmpfs}.run()
	kinds := kindFacts{uid: m.uid, tried: f.tried == nil, failed: map[string]error{}}
	if kinds.tried {
		for _, k := range namespaceKinds() {
			if err := k.trial().run(); err != nil {
				kinds.failed[k.name] = err
			}
		}
	}
	return append([]Finding{f.memfd(), f.finding()}, kinds.findings()...)
}

// mountTmpfs covers a directory that every machine has, to see that the
// namespace's root may mount: AppArmor's restriction lets anybody make a user
// namespace, and denies what it is for.
func mountTmpfs(b *program.Builder) {
	private(b)
	b.Add(op(program.Mount, b.Text("tmpfs"), b.Text("/proc"), b.Text("tmpfs"), program.N(0), program.N(0)))
}

// private keeps what is mounted from the namespaces that this one was copied from.
func private(b *program.Builder) {
	b.Add(op(program.Mount, program.N(0), b.Text("/"), program.N(0), program.N(linux.MS_REC|linux.MS_PRIVATE), program.N(0)))
}

func (f userFacts) memfd() Finding {
	found := ok(subjectKernel, "memfd", "executable", "a container's first process, which is executed from a sealed memfd")
	switch {
	case f.exe != nil:
		return found.bad(Error, "neither a memfd nor a file in the temporary directory can be executed: "+f.exe.Error(), "sudo sysctl vm.memfd_noexec=1")
	case f.memfdNoexec == "2":
		return found.bad(Warning, "forbidden by vm.memfd_noexec=2: a file in the directory of the state takes its place, which must not be mounted noexec",
			"echo vm.memfd_noexec=1 | sudo tee /etc/sysctl.d/50-keg.conf && sudo sysctl vm.memfd_noexec=1")
	}
	return found
}

func (f userFacts) finding() Finding {
	means := "containers of ordinary users; `keg shell`; engines' --userns-remap and user-namespaced pods"
	found := ok(subjectUser, "user namespaces", "can be made and used", means)
	if f.tried == nil {
		if f.restricted == "1" && f.uid == 0 && !f.profiled {
			return found.bad(Note, "can be made by root; AppArmor denies them to ordinary users' keg (kernel.apparmor_restrict_unprivileged_userns=1)", appArmorMend(f.keg))
		}
		return found
	}
	denied := errors.Is(f.tried, syscall.EPERM) || errors.Is(f.tried, syscall.EACCES)
	why := f.tried.Error()
	switch {
	case errors.Is(f.tried, syscall.ENOSPC) && f.most == "0":
		return found.bad(Error, "forbidden: user.max_user_namespaces is 0", sysctlMend("user.max_user_namespaces", "15000"))
	case errors.Is(f.tried, syscall.ENOSPC):
		return found.bad(Error, "a limit is reached: "+why, "end other containers, or raise user.max_user_namespaces ("+f.most+") and user.max_mnt_namespaces: "+sysctlMend("user.max_user_namespaces", "100000"))
	case denied && f.cloning == "0" && f.uid != 0:
		return found.bad(Error, "forbidden: kernel.unprivileged_userns_clone is 0", sysctlMend("kernel.unprivileged_userns_clone", "1"))
	case denied && f.restricted == "1" && f.uid != 0:
		return found.bad(Error, "denied by AppArmor (kernel.apparmor_restrict_unprivileged_userns=1): "+why, appArmorMend(f.keg))
	case denied && f.uid == 0 && !f.mapsRoot && !inside(f.tried):
		return found.bad(Error, "root cannot map its own id without CAP_SETFCAP, since Linux 5.12: "+why, "keg is in a container: give it the capability, as by --cap-add SETFCAP")
	case denied && f.filtered:
		return found.bad(Error, "refused by the seccomp filter or the AppArmor profile that keg runs under: "+why,
			"keg is in a container: give it `--security-opt seccomp=unconfined --security-opt apparmor=unconfined`, or --privileged")
	case errors.Is(f.tried, syscall.EINVAL):
		return found.bad(Error, "this kernel has none", "boot a kernel with CONFIG_USER_NS")
	}
	return found.bad(Error, "cannot be made: "+why, "keg is in a container or a chroot(2), or a security module denies it: see its log (journalctl -k)")
}

// inside tells whether the process was there, and failed by a call of its own.
func inside(err error) bool {
	var step *stepError
	return errors.As(err, &step)
}

// sysctlMend sets a parameter of the kernel, now and at the next boot.
func sysctlMend(name, value string) string {
	return "echo " + name + "=" + value + " | sudo tee /etc/sysctl.d/50-keg.conf && sudo sysctl " + name + "=" + value
}

// namespaceKind is a kind of namespace besides user and mount.
type namespaceKind struct {
	name, means string
	flag        uintptr
	since       release
	lack        Level
}

func namespaceKinds() []namespaceKind {
	return []namespaceKind{
		{"pid", "every container that does not share the host's", linux.CLONE_NEWPID, release{3, 8}, Error},
		{"network", "every container that does not share the host's", linux.CLONE_NEWNET, release{3, 8}, Error},
		{"ipc", "every container that does not share the host's", linux.CLONE_NEWIPC, release{3, 8}, Error},
		{"uts", "hostname and domainname", linux.CLONE_NEWUTS, release{3, 8}, Error},
		{"cgroup", "containers on cgroup v2 that see only their own cgroup", linux.CLONE_NEWCGROUP, release{4, 6}, Warning},
		{"time", "linux.timeOffsets", linux.CLONE_NEWTIME, release{5, 6}, Note},
	}
}

// trial enters one by unshare: the flag of time namespaces is none of clone's.
func (k namespaceKind) trial() trial {
	return trial{namespaces: linux.CLONE_NEWUSER, write: func(b *program.Builder) {
		b.Add(op(program.Unshare, program.N(uint64(k.flag))))
	}}
}

// kindFacts are which of them cannot be made.
type kindFacts struct {
	uid    int
	tried  bool
	failed map[string]error
}

func (f kindFacts) findings() []Finding {
	if !f.tried {
		return nil // all of it is said already
	}
	var list []Finding
	for _, k := range namespaceKinds() {
		found := ok(subjectUser, k.name, "there, since Linux "+k.since.String(), k.means).detail()
		switch err := f.failed[k.name]; {
		case errors.Is(err, syscall.EINVAL):
			found = found.bad(k.lack, "this kernel has no "+k.name+" namespaces", "boot a kernel with CONFIG_"+configOf(k.name))
		case errors.Is(err, syscall.ENOSPC):
			found = found.bad(k.lack, "a limit is reached: "+err.Error(), "raise user.max_"+sysctlOf(k.name)+"_namespaces: "+sysctlMend("user.max_"+sysctlOf(k.name)+"_namespaces", "15000"))
		case err != nil:
			found = found.bad(k.lack, "cannot be made: "+err.Error(), "a security module or a seccomp filter denies it: see journalctl -k")
		}
		list = append(list, found)
	}
	return list
}

func configOf(kind string) string {
	switch kind {
	case "network":
		return "NET_NS"
	case "cgroup":
		return "CGROUPS"
	}
	return strings.ToUpper(kind) + "_NS"
}

func sysctlOf(kind string) string {
	if kind == "network" {
		return "net"
	}
	return kind
}
