package doctor

import (
	"errors"
	"syscall"
	"testing"

	"github.com/keg-project/keg/linux"
)

func TestKernelVersion(t *testing.T) {
	for text, level := range map[string]Level{
		"5.14.0-427.el9.x86_64": OK, "6.1.0-37-amd64": OK, "10.0": OK, "6.18.44": OK,
		"5.13.19": Error, "4.19.0": Error, "5.4.0-generic": Error, "": Note, "lts": Note, "6": Note,
	} {
		if f := kernelVersion(text); f.Level != level {
			t.Errorf("%q: %+v", text, f)
		}
	}
}

func TestProcMounted(t *testing.T) {
	check(t, []Finding{procMounted(nil), procMounted(errors.New("no such file"))},
		want{"proc", OK, "mounted", ""},
		want{"proc", Error, "no such file", "mount -t proc proc /proc"})
}

func TestCallFinding(t *testing.T) {
	c := call{name: "openat2", since: release{5, 6}, means: "paths", lack: Error}
	group := call{name: "group", since: release{6, 9}, means: "jobs", lack: Note, absent: syscall.EINVAL}
	mount := call{name: "move_mount", since: release{5, 2}, means: "mounts", lack: Error, refuse: true}
	now, old, inside := &machine{release: "6.12.0"}, &machine{release: "5.4.0"}, &machine{release: "6.12.0", filtered: true}
	check(t, []Finding{
		c.finding(0, now), c.finding(syscall.EINVAL, now), c.finding(syscall.ENOSYS, old), c.finding(syscall.ENOSYS, now),
		c.finding(syscall.ENOSYS, inside), c.finding(syscall.EPERM, now), mount.finding(syscall.EPERM, now),
		group.finding(syscall.EINVAL, &machine{release: "6.1.0"}), group.finding(0, now),
	},
		want{"openat2", OK, "since Linux 5.6", ""},
		want{"openat2", OK, "", ""},
		want{"openat2", Error, "came with Linux 5.6", "install Linux 5.6"},
		want{"openat2", Error, "built without", "boot a kernel"},
		want{"openat2", Error, "by the seccomp filter", "seccomp=unconfined"},
		want{"openat2", Error, "refused (EPERM)", "seccomp=unconfined"},
		want{"move_mount", OK, "", ""},
		want{"group", Note, "came with Linux 6.9", "install Linux 6.9"},
		want{"group", OK, "", ""},
	)
}

// Whatever keg's tests run on, it has these.
func TestCalls(t *testing.T) {
	m := newMachine(Options{})
	for _, f := range examineCalls(m) {
		if f.Level >= Warning {
			t.Errorf("%+v", f)
		}
	}
}

// A call that no kernel has is told from one that this kernel has: the errnos of
// the probes do not come from their arguments alone.
func TestProbeOfNoCall(t *testing.T) {
	if _, errno := linux.Probe(100_000); errno != syscall.ENOSYS {
		t.Errorf("%v", errno)
	}
}

func TestSeccomp(t *testing.T) {
	fine := seccompFacts{filter: syscall.EFAULT, version: 4}
	check(t, fine.findings(), want{"filters", OK, "there", ""}, want{"actions", OK, "all 8", ""}, want{"flags", OK, "", ""}, want{"landlock", OK, "version 4", ""})
	poor := seccompFacts{filter: syscall.EFAULT, filtered: true, missing: []string{"SCMP_ACT_NOTIFY"}, noFlags: []string{"A"}, landlock: syscall.EOPNOTSUPP}
	check(t, poor.findings(), want{"filters", Note, "itself runs under", ""}, want{"actions", Warning, "SCMP_ACT_NOTIFY", "Linux 5.0"},
		want{"flags", Note, "missing: A", "5.19"}, want{"landlock", Note, "off", "lsm="})
	none := seccompFacts{filter: syscall.EINVAL, landlock: syscall.ENOSYS}
	check(t, none.findings(), want{"filters", Error, "EINVAL", "CONFIG_SECCOMP_FILTER"}, want{"landlock", Note, "ENOSYS", ""})
}
