// Package docker has Docker's daemon run containers with runc and with keg, and
// does with it what its users do.
//
// It is not for what the daemon does by itself: pulling, storing and listing
// images.
package docker

import (
	"testing"

	"github.com/keg-project/keg/test/engines"
	"github.com/keg-project/keg/test/engines/dockerd"
	"github.com/keg-project/keg/test/kegtest"
)

func TestMain(m *testing.M) { kegtest.Main(m) }

var scenarios = []engines.Scenario[*daemon]{
	{Name: "info and version name the runtime", Run: info},
	{Name: "run: both streams, standard input", Run: streams},
	{Name: "run: exit status 0, 3, 125, 126, 127", Run: exitStatus},
	{Name: "run: death by a signal is 137", Run: signalled},
	{Name: "run -it on a terminal", Run: terminal},
	{Name: "run -it: detach, attach", Run: detach},
	{Name: "run -u -w -e --hostname --group-add", Run: process},
	{Name: "create, start -a, restart, rm", Run: createStart},
	{Name: "exec: output, -i, -u -w -e, -d", Run: execOutput},
	{Name: "exec: exit status 5, 126, 137", Run: execStatus},
	{Name: "exec -it on a terminal", Run: execTerminal},
	{Name: "exec --privileged", Run: execPrivileged},
	{Name: "logs, logs --tail, logs -f", Run: logs},
	{Name: "stats: memory, pids", Run: stats},
	{Name: "top", Run: top},
	{Name: "pause, unpause", Run: pause},
	{Name: "update --memory", Run: updateMemory},
	{Name: "update --cpus --cpuset-cpus", Run: updateCPU},
	{Name: "update --pids-limit", Run: updatePids},
	{Name: "stop: the program ends within the grace period", Run: stopTrap},
	{Name: "stop: the program is killed after it", Run: stopKill},
	{Name: "kill -s", Run: kill},
	{Name: "wait, rename", Run: waitRename},
	{Name: "--restart on-failure:3", Run: restartOnFailure},
	{Name: "--restart always", Run: restartAlways},
	{Name: "health checks: unhealthy, healthy", Run: health},
	{Name: "a container past its memory: OOMKilled, events", Run: outOfMemory},
	{Name: "--memory --cpus --cpu-shares --pids-limit", Run: limits},
	{Name: "--cpuset-cpus", Run: cpuset},
	{Name: "--ulimit", Run: ulimit},
	{Name: "--sysctl", Run: sysctl},
	{Name: "--device", Run: device},
	{Name: "--shm-size", Run: shmSize},
	{Name: "-p: a published port", Run: publish},
	{Name: "a network of one's own, names resolved", Run: network},
	{Name: "--network host, none, container:", Run: networkModes},
	{Name: "volumes", Run: volumes},
	{Name: "bind mounts, :ro", Run: binds},
	{Name: "bind-propagation=rshared, rslave", Run: propagation},
	{Name: "--tmpfs with options", Run: tmpfs},
	{Name: "--read-only", Run: readOnly},
	{Name: "masked and read-only paths, systempaths=unconfined", Run: maskedPaths},
	{Name: "--cap-drop, --cap-add", Run: capabilities},
	{Name: "--privileged", Run: privileged},
	{Name: "--security-opt seccomp=FILE, unconfined", Run: seccompProfile},
	{Name: "--security-opt no-new-privileges", Run: noNewPrivileges},
	{Name: "--pid host, container:", Run: pidModes},
	{Name: "--ipc shareable, container:, host", Run: ipcModes},
	{Name: "--uts host", Run: utsHost},
	{Name: "--cgroupns host, private", Run: cgroupModes},
	{Name: "--init", Run: initProcess},
	{Name: "cp in and out", Run: copyFiles},
	{Name: "diff, commit, export", Run: commit},
	{Name: "build: RUN, COPY, USER, two stages", Run: build},
	{Name: "build: a RUN that fails", Run: buildFails},
	{Name: "--userns-remap", Run: usernsRemap},
	{Name: "live restore: the daemon is killed and comes back", Run: liveRestore},
	{Name: "compose: up, exec, logs, down", Run: compose},
}

// unifiedNames are the scenarios that depend on the hierarchy, systemd or the kernel.
var unifiedNames = []string{
	"run: both streams, standard input",
	"run -it on a terminal",
	"exec: exit status 5, 126, 137",
	"stats: memory, pids",
	"top",
	"pause, unpause",
	"update --memory",
	"update --pids-limit",
	"stop: the program ends within the grace period",
	"--restart on-failure:3",
	"a container past its memory: OOMKilled, events",
	"--memory --cpus --cpu-shares --pids-limit",
	"--device",
	"--cgroupns host, private",
	"build: RUN, COPY, USER, two stages",
	"--userns-remap",
}

func TestDocker(t *testing.T) {
	engines.Need(t, "dockerd", client, "containerd", "iptables", "ip", "nsenter", "busybox")
	if !unified() {
		engines.Need(t, "docker-compose") // Python's, for which test/vm has no place
	}
	engines.Engine[*daemon]{Name: "docker", Title: dockerd.Title(t), Start: start, V2: engines.Named(t, scenarios, unifiedNames)}.Run(t, scenarios)
}
