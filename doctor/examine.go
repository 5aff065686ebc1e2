package doctor

import (
	"cmp"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/keg-project/keg/linux"
)

// Options say whom the machine is examined for.
type Options struct {
	Keg       string // where keg's file lies, as engines have to name it
	StateRoot string // where its containers are recorded

	Patience time.Duration // how long others are waited for; 0: usualPatience
}

// usualPatience is also how long keg waits for an answer of systemd's. What works
// takes milliseconds.
const usualPatience = 10 * time.Second

// machine is what several checks have to know.
type machine struct {
	Options
	uid      int
	user     string // "" if /etc/passwd has no such user
	caps     uint64 // effective
	initial  bool   // the caller is in the machine's first user namespace
	release  string // of the kernel: "6.1.0-37-amd64"
	filtered bool   // keg runs under a seccomp filter
	noNew    bool   // keg runs with no_new_privs
	systemd  bool   // it is process 1: sd_booted(3)
	install  installer
	mounts   []linux.Mount
}

// subjects are the examinations, in the order in which they are shown.
func subjects() []func(*machine) []Finding {
	return []func(*machine) []Finding{
		examineKernel, examineCalls, examineSeccomp,
		examineNamespaces, examineIDs, examineMounting, examineIDMapping,
		examineCgroups, examineSystemd,
		examineLabels, examineSysctls, examineLimits, examinePaths,
		examineContainers, examineCheckpoint, examineEngines,
	}
}

// Examine carries out all checks, side by side: some wait for other programs.
func Examine(o Options) []Finding {
	m := newMachine(o)
	all := subjects()
	found := make([][]Finding, len(all))
	var wait sync.WaitGroup
	for i, examine := range all {
		wait.Go(func() { found[i] = examine(m) })
	}
	wait.Wait()
	return slices.Concat(found...)
}

func newMachine(o Options) *machine {
	o.Patience = cmp.Or(o.Patience, usualPatience)
	m := &machine{Options: o, uid: os.Geteuid(), initial: !linux.InUserNamespace()}
	m.user = userName(m.uid, content("/etc/passwd"))
	m.caps, _ = linux.Capabilities()
	m.release = content("/proc/sys/kernel/osrelease")
	status, _ := linux.OwnStatus()
	m.filtered = status.Field("Seccomp") == "2"
	m.noNew = status.Field("NoNewPrivs") == "1"
	m.systemd = exists("/run/systemd/system")
	m.install = installerOf(content("/etc/os-release"))
	m.mounts, _ = linux.Mounts()
	return m
}

// root tells whether keg's user may do what only the machine's root may.
func (m *machine) root() bool { return m.initial && m.caps&(1<<linux.CAP_SYS_ADMIN) != 0 }

// content is that of a small file, without the last newline; "" if it cannot be
// read.
func content(name string) string {
	text, err := os.ReadFile(name)
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(string(text), "\n")
}
