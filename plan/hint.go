package plan

import (
	"strings"
	"syscall"

	"github.com/keg-project/keg/program"
)

// Hints about what the host may have to do as well.
const (
	HintOOMScore = "without CAP_SYS_RESOURCE it cannot be set below what keg runs with: see /proc/self/oom_score_adj"
	HintAffinity = "none of these CPUs is there: see /sys/devices/system/cpu/online, and cpuset.cpus of the cgroup"
	HintProcess  = "a limit on processes is reached: pids.max of a cgroup, or RLIMIT_NPROC"
	HintRlimit   = "a hard limit cannot be raised without CAP_SYS_RESOURCE, and RLIMIT_NOFILE never above fs.nr_open"
)

// explainCheck is about a result that had to be another one.
func explainCheck(f *Failure) {
	switch {
	case f.Step.Field == "process.terminal":
		explainTerminal(f)
	case strings.HasPrefix(f.Step.Field, "linux.devices"), strings.HasPrefix(f.Step.Field, "linux.maskedPaths"):
		f.Text = strings.TrimPrefix(f.Path+" ", " ") + "is not the device that belongs there"
		f.Hint = "an image must not bring its own files in /dev: remove them, or mount a tmpfs on /dev"
	case f.Step.Field == "process.cwd":
		f.Text = "the working directory lies outside the container's root"
	default:
		f.Text = "a check failed: what was opened is not what was asked for"
	}
}

// hint says what to do about an errno, where that is known.
func hint(f *Failure, op *program.Op) string {
	if f.Step.Field == "process.terminal" {
		if h := hintTerminal(f, op); h != "" {
			return h
		}
	}
	switch f.Errno {
	case syscall.ELOOP:
		if op.Call == program.MoveMount { // a tree that keg has taken along, for a user namespace
			return "a mount namespace is bound below the source, see findmnt -t nsfs: unmount it, or use bind in place of rbind"
		}
		return "a symbolic link on the way is refused, or leads in a circle; use a real directory"
	case syscall.EROFS:
		return "a mountpoint is missing on a read-only file system: make it in the image"
	case syscall.EACCES:
		return hintAccess(f, op)
	case syscall.EAGAIN:
		return hintAgain(op)
	case syscall.ERANGE:
		if f.Step.Field == "linux.timeOffsets" {
			return "a clock can be set neither before its zero nor more than 146 years ahead"
		}
	case syscall.ENOENT:
		return hintMissing(f, op)
	case syscall.EINVAL:
		return hintInvalid(f, op)
	case syscall.EPERM:
		return hintPermission(f, op)
	case syscall.EDQUOT:
		if op.Call == program.Keyctl {
			return "the user has too many keys, see /proc/key-users: raise kernel.keys.maxkeys, or use --no-new-keyring"
		}
	case syscall.ENODEV:
		if op.Call == program.Mount || op.Call == program.Fsopen {
			return "this kernel does not know the file system"
		}
	}
	return ""
}

func hintAccess(f *Failure, op *program.Op) string {
	switch op.Call {
	case program.Mkdirat, program.Mknodat:
		return "the root file system belongs to another user: make what is missing there, or run keg as its owner"
	case program.Keyctl, program.KeySetperm:
		return "another user's keyring has this name: use another id, or --no-new-keyring"
	case program.OpenTree:
		return "keg's user has no access to it, or to a directory on the way"
	}
	switch f.Step.Field {
	case "process.cwd":
		return "process.user may not enter the directory"
	case "process.oomScoreAdj":
		return HintOOMScore
	case "process.apparmorProfile":
		return "the profile that keg itself runs under forbids the change"
	}
	return ""
}

func hintAgain(op *program.Op) string {
	switch op.Call {
	case program.Openat2:
		return "files were renamed or mounted all the time while the path was resolved"
	case program.Clone, program.Execve: // clone(2), execve(2)
		return HintProcess
	}
	return ""
}

func hintMissing(f *Failure, op *program.Op) string {
	switch {
	case f.Step.Field == "process.apparmorProfile" && op.Call == program.Write:
		return "no such profile is loaded: load it with apparmor_parser"
	case strings.HasPrefix(f.Step.Field, "linux.sysctl"):
		return "this kernel has no such parameter, or not in a new namespace: check its spelling"
	case op.Call == program.OpenTree:
		return "the source of a bind mount must exist on the host"
	case op.Call == program.Openat2 && strings.HasPrefix(f.Step.Field, "mounts["):
		return "a symbolic link on the way leads nowhere: make its target in the image"
	case op.Call == program.Mount || op.Call == program.Fsconfig:
		return "a directory that the mount's options name does not exist"
	}
	return ""
}

func hintInvalid(f *Failure, op *program.Op) string {
	switch op.Call {
	case program.Write:
		return hintValue(f)
	case program.SetMempolicy:
		return "a node does not exist or is not among the cgroup's cpuset.mems, or mode and flags do not go together, or this kernel is older than the mode: see /sys/devices/system/node/online"
	case program.Mount:
		if data, ok := op.Args[4].IsText(); ok {
			return "the file system does not know one of these options, or not such a value: " + data
		}
	case program.MoveMount:
		return "one of source and destination is a directory and the other is a file"
	case program.Fsconfig:
		if key, ok := op.Args[2].IsText(); ok {
			value, _ := op.Args[3].IsText()
			return "the file system does not know the option " + strings.TrimSuffix(key+"="+value, "=") + ", or not such a value"
		}
	case program.SchedSetaffinity:
		return HintAffinity
	case program.Setgroups, program.Setresgid, program.Setresuid:
		return "the id is not mapped in the user namespace: see linux.uidMappings and linux.gidMappings"
	}
	return ""
}

// hintValue is about a write of what the kernel refuses.
func hintValue(f *Failure) string {
	switch {
	case strings.HasPrefix(f.Step.Field, "linux.sysctl"):
		return "the kernel refuses this value"
	case f.Step.Field == "process.selinuxLabel":
		return "the policy that is loaded does not know this label"
	}
	return ""
}

func hintPermission(f *Failure, op *program.Op) string {
	switch {
	case op.Call == program.Mount && strings.Contains(f.Step.Title, "mount proc"):
		return "in a user namespace proc can be mounted only with a pid namespace of its own, and where the outer /proc has nothing masked"
	case op.Call == program.Mount && strings.Contains(f.Step.Title, "mount sysfs"):
		return "in a user namespace sysfs can be mounted only with a network namespace of its own"
	case op.Call == program.Mount && strings.HasPrefix(f.Step.Field, "mounts["):
		return "a block device needs a rule in linux.resources.devices; in a user namespace few file systems can be mounted"
	case op.Call == program.Keyctl:
		return "keyrings are denied here, as by a seccomp filter that keg runs under: use --no-new-keyring"
	case op.Call == program.Setgroups:
		return "the user namespace denies supplementary groups, as one without newgidmap's mappings does: process.user.additionalGids must be empty"
	case op.Call == program.Mknodat:
		return "devices cannot be made here; a user namespace in linux.namespaces makes keg bind the host's"
	case op.Call == program.Prlimit64:
		return HintRlimit
	case op.Call == program.Capset:
		return "keg can give only capabilities that it has itself: compare CapPrm in /proc/self/status"
	case op.Call == program.SchedSetattr:
		return "a real-time policy or a lower nice value needs CAP_SYS_NICE on the host and, where there is cpu.rt_runtime_us, real time for the cgroup"
	case op.Call == program.OpenTree:
		return "keg has no privileges over the mount namespace that it runs in"
	case op.Call == program.MountSetattr:
		return "a flag of the source is locked: it was set outside the user namespace and stays"
	}
	return ""
}
