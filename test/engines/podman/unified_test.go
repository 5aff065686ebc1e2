package podman

import (
	"os"
	"testing"

	"github.com/keg-project/keg/test/engines"
	"github.com/keg-project/keg/test/engines/apart"
)

// rootsUnified are the scenarios that depend on the hierarchy, systemd or the kernel.
var rootsUnified = []string{
	"run: output and standard error",
	"run -it: a terminal",
	"stop: the program ends by itself",
	"top",
	"build: RUN, COPY, ENV, USER, WORKDIR",
	"--memory: killed for want of it, noticed",
	"--pids-limit",
	"--cpus: throttled",
	"update",
	"stats --no-stream",
	"pause, unpause",
	"--cgroup-parent",
	"--uidmap, --gidmap",
	"--device, with what may be done to it",
	"devices that were not given",
	"--cgroupns=private",
}

// cgroupfsUnified: with a manager that Podman takes by itself only without systemd.
var cgroupfsUnified = []string{
	"run: output and standard error",
	"--memory: killed for want of it, noticed",
	"--pids-limit",
	"update",
	"pause, unpause",
	"--cgroup-parent",
}

// usersUnified are limited by cgroups that the user's systemd has made.
var usersUnified = []string{
	"run: output and standard error",
	"--memory: killed for want of it, noticed",
	"--pids-limit",
	"update",
	"stats --no-stream",
	"pause, unpause",
	"--userns=keep-id",
}

func TestCgroupfs(t *testing.T) {
	engines.Need(t, "podman", "conmon")
	if _, err := os.Stat("/run/systemd/system"); err != nil {
		t.Skip("without systemd it is TestPodman")
	}
	some := engines.Named(t, join(everywhere(), rootOnly()), cgroupfsUnified)
	engines.Engine[*podman]{
		Name: "podman-cgroupfs", Title: "Podman 4.3 as root, cgroup_manager = cgroupfs",
		Start: func(t testing.TB, r engines.Runtime) *podman { return in(t, apart.Cgroupfs(t, r)) },
	}.Run(t, some)
}
