package apart

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// containersConf is what a user writes to have keg as the runtime of Podman and
// Buildah, and what keeps a test to itself.
const containersConf = `[containers]
netns = "none"
default_ulimits = [%[5]s]
log_driver = "k8s-file"

[engine]
runtime = %[1]q
runtime_supports_json = ["runc", "keg"]
runtime_supports_nocgroup = ["keg"]
cgroup_manager = %[3]q
events_logger = "file"
lock_type = "file"
tmp_dir = "%[4]s/tmp"
volume_path = "%[4]s/volumes"

[engine.runtimes]
%[1]s = [%[2]q]

[network]
network_backend = "netavark"
network_config_dir = "%[4]s/networks"
`

const storageConf = `[storage]
driver = "overlay"
graphroot = "%[1]s/storage"
rootless_storage_path = "%[1]s/storage"
runroot = "%[1]s/run"

[storage.options]
root-auto-userns-user = %[2]q
`

// prepare makes the account's directories and configuration.
func (p *Place) prepare(t testing.TB) {
	t.Helper()
	must(t, os.Chown(p.Dir, p.Account.UID, p.Account.GID))
	for _, name := range []string{"home", "tmp", "login"} {
		p.Mkdir(t, name)
	}
	must(t, os.Chmod(p.Path("login"), 0o700))
	manager := "cgroupfs"
	if p.Systemd {
		manager = "systemd"
	}
	p.Write(t, "containers.conf", fmt.Sprintf(containersConf, p.Runtime.Name, p.Runtime.Path, manager, p.Dir, ownLimits(t)))
	p.Write(t, "storage.conf", fmt.Sprintf(storageConf, p.Dir, User(t).Name))
}

const rlimitNproc = 6 // package syscall lacks it

// ownLimits are the test's, in the words of default_ulimits: those that Podman
// writes by itself are above what a machine's root may have without
// CAP_SYS_RESOURCE. conmon has no more processes than there are pids.
func ownLimits(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile("/proc/sys/kernel/pid_max")
	must(t, err)
	pids, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64)
	must(t, err)
	var files, processes syscall.Rlimit
	must(t, syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files))
	must(t, syscall.Getrlimit(rlimitNproc, &processes))
	n := min(processes.Max, pids)
	return fmt.Sprintf(`"nofile=%d:%d", "nproc=%d:%d"`, files.Max, files.Max, n, n)
}

func (p *Place) env() []string {
	env := []string{
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", "USER=" + p.Account.Name,
		"HOME=" + p.Path("home"), "TMPDIR=" + p.Path("tmp"),
		"CONTAINERS_CONF=" + p.Path("containers.conf"), "CONTAINERS_STORAGE_CONF=" + p.Path("storage.conf"),
	}
	if p.Account.Rootless() {
		env = append(env, "XDG_RUNTIME_DIR="+p.login())
	}
	if p.Account.Rootless() && p.Systemd {
		env = append(env, "DBUS_SESSION_BUS_ADDRESS=unix:path="+p.login()+"/bus")
	}
	return env
}

// login is the directory of the account's login: with systemd the one in which
// its manager listens.
func (p *Place) login() string {
	if p.Systemd {
		return "/run/user/" + strconv.Itoa(p.Account.UID)
	}
	return p.Path("login")
}

// StateRoot is where the runtime keeps the account's containers by default.
func (p *Place) StateRoot() string {
	if p.Account.Rootless() {
		return p.inside(p.login() + "/" + p.Runtime.Name)
	}
	return p.inside("/run/" + p.Runtime.Name)
}
