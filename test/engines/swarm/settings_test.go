package swarm

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keg-project/keg/test/engines"
	"github.com/keg-project/keg/test/kegtest"
)

// keep makes a secret and a config, whose names are as their kinds.
func (s *swarm) keep(t testing.TB) {
	t.Helper()
	dir := kegtest.TempDir(t)
	for kind, text := range map[string]string{"secret": "hidden", "config": "of {{.Service.Name}}"} {
		file := filepath.Join(dir, kind)
		engines.Write(t, file, text+"\n")
		args := []string{kind, "create"}
		if kind == "config" {
			args = append(args, "--template-driver", "golang")
		}
		s.manager().OK(t, append(args, kind, file)...)
		t.Cleanup(func() { s.manager().OK(t, kind, "rm", kind) })
	}
}

const told = `stat -c %a:%u /run/secrets/secret; cat /run/secrets/secret /etc/my.conf; grep -c ' /run/secrets/secret tmpfs ro,' /proc/mounts
id -u; hostname | sed s/node./node/; pwd; ulimit -n; cat /proc/sys/kernel/msgmax
awk '/^Cap(Bnd|Eff)/ {print $2}' /proc/self/status; touch /scratch/file && echo written; touch /file; ` + forever

func settings(t testing.TB, s *swarm) {
	s.keep(t)
	service := s.service(t, 3, told, "--secret", "source=secret,mode=0400,uid=1000", "--config", "source=config,target=/etc/my.conf",
		"--limit-memory", "64m", "--limit-pids", "30", "--limit-cpu", "0.5", "--user", "user",
		"--hostname", "{{.Node.Hostname}}", "--workdir", "/data", "--ulimit", "nofile=100:200", "--sysctl", "kernel.msgmax=7777",
		"--cap-drop", "ALL", "--cap-add", "CAP_CHOWN", "--read-only", "--mount", "type=tmpfs,dst=/scratch,tmpfs-mode=1777", "--init")
	want := fmt.Sprintf("400:1000\nhidden\nof %s\n1\n1000\nnode\n/data\n100\n7777\n%016x\n%016x\nwritten\n", service, 0, 1) +
		"touch: /file: Read-only file system"
	for _, n := range s.nodes {
		engines.Until(t, want, func() string {
			ids := n.running(t, service)
			if len(ids) != 1 {
				return fmt.Sprint(ids)
			}
			r := n.Docker(t, "logs", ids[0])
			return strings.TrimSpace(r.Stdout + r.Stderr)
		})
		id := n.running(t, service)[0]
		engines.Contains(t, "stats", n.OK(t, "stats", "--no-stream", "--format", "{{.MemUsage}}", id), "/ 64MiB")
		n.Prints(t, "docker-init", "exec", id, "cat", "/proc/1/comm")
	}
}

// global: each node has one, and answers on its own address.
func global(t testing.TB, s *swarm) {
	on := []string{"--env", "WHERE={{.Node.Hostname}}", "--env", "VERSION=one"}
	service := s.create(t, append(on, "--mode", "global", "--publish", "mode=host,published=8080,target=80"), serve)
	s.runs(t, service, 1, 1, 1)
	const request = `exec 3<>/dev/tcp/%s/8080 && printf 'GET / HTTP/1.0\r\n\r\n' >&3 && tail -n 1 <&3`
	for i, n := range s.nodes {
		engines.Until(t, n.name+" one", func() string {
			from := s.nodes[(i+1)%3]
			out, _ := from.Within("bash", "-c", fmt.Sprintf(request, n.address)).CombinedOutput()
			return strings.TrimSpace(string(out))
		})
	}
}
