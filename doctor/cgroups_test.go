package doctor

import (
	"errors"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/keg-project/keg/cgroup"
)

func all() []string { return []string{"cpuset", "cpu", "io", "memory", "hugetlb", "pids"} }

// modern is root's view of a machine as distributions set it up today.
func modern() cgroupFacts {
	return cgroupFacts{mode: cgroup.V2, kernel: all(), mine: true, can: all(), systemd: true, kill: true, tried: true}
}

func TestCgroups(t *testing.T) {
	check(t, modern().findings(), want{"mode", OK, "v2", ""}, want{"controllers", OK, "memory", ""}, want{"limits", OK, "of memory, cpu, pids, cpuset, io", ""},
		want{"cgroup.kill", OK, "", ""}, want{"device rules", OK, "", ""}, want{"swap", OK, "none", ""}, want{"pressure", OK, "", ""})
}

func TestCgroupMode(t *testing.T) {
	for _, tt := range []struct {
		facts cgroupFacts
		want  want
	}{
		{cgroupFacts{mode: cgroup.Hybrid, systemd: true}, want{"mode", Note, "hybrid", "systemd.unified_cgroup_hierarchy=1"}},
		{cgroupFacts{mode: cgroup.V1}, want{"mode", Note, "v1 alone", "rc_cgroup_mode"}},
		{cgroupFacts{mode: cgroup.None}, want{"mode", Error, "no hierarchy", "mount -t cgroup2"}},
		{cgroupFacts{mode: cgroup.None, uid: 1000}, want{"mode", Warning, "cannot be limited", "mount -t cgroup2"}},
		{cgroupFacts{err: syscall.EACCES}, want{"mode", Error, "permission denied", "/sys/fs/cgroup"}},
	} {
		check(t, []Finding{tt.facts.modeFound()}, tt.want)
	}
	none := cgroupFacts{mode: cgroup.None}
	check(t, none.findings()[1:], want{"pressure", OK, "", ""})
}

func TestControllers(t *testing.T) {
	check(t, []Finding{cgroupFacts{kernel: []string{"cpu", "cpuset", "io", "pids"}}.controllers(), cgroupFacts{kernel: []string{"memory", "cpu", "cpuset", "io"}}.controllers()},
		want{"controllers", Warning, "not there: memory", "cgroup_enable=memory"},
		want{"controllers", Warning, "not there: pids", "cgroup_disable="})
}

// An ordinary user's limits: by a cgroup that was delegated, by the user's own
// manager, or not at all.
func TestLimitsOfUsers(t *testing.T) {
	user := modern()
	user.uid, user.account, user.mine, user.can = 1000, "ann", false, nil
	manager, nothing, hybrid, bare, delegated := user, user, user, user, user
	manager.manager, manager.handed = true, []string{"memory", "pids"}
	hybrid.mode = cgroup.Hybrid
	bare.systemd = false
	delegated.mine, delegated.can = true, []string{"memory", "cpu", "pids"}
	full := manager
	full.handed = all()
	check(t, []Finding{full.limits(), manager.limits(), nothing.limits(), hybrid.limits(), bare.limits(), delegated.limits()},
		want{"limits", OK, "by the user's systemd manager", ""},
		want{"limits", Warning, "of memory, pids, by the user's systemd manager: `keg shell`, `keg --systemd-cgroup run`; but not of cpu, cpuset, io", "Delegate=cpu cpuset io memory pids"},
		want{"limits", Warning, "none of memory, cpu, pids, cpuset, io", "loginctl enable-linger ann"},
		want{"limits", Warning, "none of", "systemd.unified_cgroup_hierarchy=1"},
		want{"limits", Warning, "none of", "mkdir -p /sys/fs/cgroup/ann/shell"},
		want{"limits", Note, "of memory, cpu, pids; but not of cpuset, io", "enable-linger"})
}

func TestLimitsOfRoot(t *testing.T) {
	inside := modern()
	inside.mine, inside.can, inside.kept = false, nil, map[string]error{"memory": errors.New("it is mounted read-only")}
	check(t, []Finding{inside.limits()}, want{"limits", Warning, "none of memory, cpu, pids, cpuset, io: it is mounted read-only", "leave it writable"})
}

func TestCgroupFiles(t *testing.T) {
	old := cgroupFacts{kernel: all(), swap: 1 << 20}
	check(t, []Finding{old.killing(), old.swapping(), cgroupFacts{kernel: all(), swap: 1, accounted: true}.swapping()},
		want{"cgroup.kill", Error, "5.14", "5.14"}, want{"swap", Warning, "not accounted", "swapaccount=1"}, want{"swap", OK, "can be limited", ""})
	check(t, []Finding{cgroupFacts{devices: syscall.EPERM}.deviceRules(), cgroupFacts{devices: syscall.EINVAL}.deviceRules()},
		want{"device rules", Error, "refused", "CAP_BPF"}, want{"device rules", Error, "invalid", "CONFIG_CGROUP_BPF"})
	check(t, []Finding{cgroupFacts{pressure: syscall.EOPNOTSUPP}.pressures(), cgroupFacts{pressure: os.ErrNotExist}.pressures()},
		want{"pressure", Note, "off", "psi=1"}, want{"pressure", Note, "not there", "CONFIG_PSI"})
}

func TestManagers(t *testing.T) {
	const system, user = "the system's manager", "the user's manager"
	for _, tt := range []struct {
		facts managerFacts
		want  want
	}{
		{managerFacts{}, want{"manager", OK, "does not run here", ""}},
		{managerFacts{booted: true, took: 1500 * time.Microsecond}, want{system, OK, "answers in 1.5 ms", ""}},
		{managerFacts{booted: true, user: true, took: 300 * time.Millisecond}, want{user, Warning, "300.0 ms", "systemctl list-jobs"}},
		{managerFacts{booted: true, patience: 2 * time.Second, err: errSlow}, want{system, Error, "within 2s", "systemctl list-jobs"}},
		{managerFacts{booted: true, user: true, err: errors.New("--systemd-cgroup: no systemd manager of user 7")}, want{user, Warning, "no systemd manager of user 7", "enable-linger"}},
		{managerFacts{booted: true, err: errors.New("refused")}, want{system, Warning, "refused", "systemctl status"}},
	} {
		check(t, tt.facts.findings(), tt.want)
	}
}

func TestLabels(t *testing.T) {
	alpine := installerOf("ID=alpine")
	for _, tt := range []struct {
		facts labelFacts
		want  want
	}{
		{labelFacts{}, want{"active", OK, "neither", ""}},
		{labelFacts{appArmor: true, active: "capability,apparmor"}, want{"AppArmor", OK, "(capability,apparmor)", ""}},
		{labelFacts{appArmor: true, parser: os.ErrNotExist, install: alpine}, want{"AppArmor", Note, "no apparmor_parser", "apk add apparmor"}},
		{labelFacts{seLinux: true}, want{"SELinux", OK, "labels can be set", ""}},
	} {
		check(t, tt.facts.findings(), tt.want)
	}
}
