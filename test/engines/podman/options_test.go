package podman

import (
	"strings"
	"testing"

	"github.com/keg-project/keg/test/engines"
)

// option is a scenario that consists of one container.
type option struct {
	name   string
	flags  string // of podman run; DIR is the test's directory
	script string
	want   string // printed
}

var options = []option{
	{"--user, --workdir, --env", "--user 1000:1001 --workdir /tmp --env A=b", "id -u; id -g; pwd; echo $A", "1000\n1001\n/tmp\nb\n"},
	{"--user NAME: HOME from the image", "--user user", "id -un; echo $HOME", "user\n/home/user\n"},
	{"--group-add", "--user 1000 --group-add 50,60", "id -G", "1000 50 60\n"},
	{"--hostname, --add-host", "--hostname box --add-host far:10.9.8.7", "hostname; grep -w far /etc/hosts", "box\n10.9.8.7\tfar\n"},
	{"--umask", "--umask 0027", "umask", "0027\n"},
	{"--ulimit", "--ulimit nofile=100:200 --ulimit nproc=300:400", "grep -E 'files|processes' /proc/self/limits | tr -s ' '", "Max processes 300 400 processes \nMax open files 100 200 files \n"},
	{"--oom-score-adj", "--oom-score-adj 500", "cat /proc/self/oom_score_adj", "500\n"},
	{"--shm-size", "--shm-size 1m", "df -k /dev/shm | awk 'NR == 2 { print $2 }'", "1024\n"},
	{"--sysctl", "--sysctl kernel.msgmax=9000 --sysctl net.ipv4.ip_unprivileged_port_start=7", "cat /proc/sys/kernel/msgmax /proc/sys/net/ipv4/ip_unprivileged_port_start", "9000\n7\n"},
	{"--read-only", "--read-only", "touch /x 2>/dev/null || echo refused; touch /tmp/x && echo made", "refused\nmade\n"},
	{"--tmpfs", "--tmpfs /mnt:size=64k,mode=0711,noexec", "stat -c %a /mnt; dd if=/dev/zero of=/mnt/f bs=128k count=1 2>/dev/null || echo full; grep -c ' /mnt .*noexec' /proc/self/mounts", "711\nfull\n1\n"},
	{"--tmpfs copies what it covers", "--tmpfs /etc", "ls /etc | grep passwd", "passwd\n"},
	{"--mount type=tmpfs,notmpcopyup", "--mount type=tmpfs,destination=/etc,notmpcopyup", "ls /etc | grep passwd | wc -l", "0\n"},
	{"--cap-drop all", "--cap-drop all", "grep -E 'Cap(Prm|Eff|Bnd)' /proc/self/status", "CapPrm:\t0000000000000000\nCapEff:\t0000000000000000\nCapBnd:\t0000000000000000\n"},
	{"--cap-drop, --cap-add", "--cap-drop all --cap-add chown,net_bind_service", "grep CapEff /proc/self/status", "CapEff:\t0000000000000401\n"},
	{"--cap-add for another user: ambient", "--cap-drop all --cap-add chown --user 1000", "grep CapAmb /proc/self/status; chown 7 /data; stat -c %u /data", "CapAmb:\t0000000000000001\n7\n"},
	{"--security-opt no-new-privileges", "--security-opt no-new-privileges", "grep NoNewPrivs /proc/self/status", "NoNewPrivs:\t1\n"},
	{"the default seccomp profile", "", "grep -w Seccomp /proc/self/status", "Seccomp:\t2\n"},
	{"--security-opt seccomp=FILE", "--security-opt seccomp=DIR/seccomp.json", "mkdir /tmp/a 2>&1; touch /tmp/b && echo made", "mkdir: can't create directory '/tmp/a': Text file busy\nmade\n"},
	{"--security-opt seccomp=unconfined", "--security-opt seccomp=unconfined", "grep -w Seccomp /proc/self/status", "Seccomp:\t0\n"},
	{"--security-opt mask", "--security-opt mask=/etc/group:/data", "wc -c </etc/group; touch /data/x 2>/dev/null || echo refused", "0\nrefused\n"},
	{"--security-opt unmask", "--security-opt unmask=ALL", "grep ' /proc/' /proc/self/mounts | wc -l", "0\n"},
	{"masked and read-only paths", "", "cat /proc/keys | wc -c; grep -cE ' /proc/(sys|bus|irq) .*\\bro\\b' /proc/self/mounts", "0\n3\n"},
	{"--init, without a shell", "--init", "tr '\\0' ' ' </proc/1/cmdline | cut -d' ' -f1-2; [ $$ != 1 ] && echo not the first", "/run/podman-init --\nnot the first\n"},
	{"--systemd=always: mounts for an init", "--systemd always", "grep -cE ' /(run|run/lock|tmp|var/log/journal) tmpfs' /proc/self/mounts; echo $container", "4\npodman\n"},
	{"--cgroupns=host", "--cgroupns host", "readlink /proc/self/ns/cgroup", "CGROUPNS\n"},
	{"--uts=host", "--uts host", "readlink /proc/self/ns/uts", "UTSNS\n"},
	{"--network=none", "--network none", "ls /sys/class/net; cat /proc/net/dev | wc -l", "lo\n3\n"},
	{"--network=host", "--network host", "readlink /proc/self/ns/net", "NETNS\n"},
	{"--network=none: namespaces of its own", "", "for n in net uts ipc pid mnt; do readlink /proc/self/ns/$n; done | grep -E 'NETNS|UTSNS|IPCNS|PIDNS|MNTNS' | wc -l", "0\n"},
	{"--entrypoint, arguments", "--entrypoint [\"echo\",\"first\"]", "", "first sh -c \n"},
	{"--secret", "--secret word", "cat /run/secrets/word; stat -c %a /run/secrets/word", "open sesame444\n"},
	{"--secret type=env", "--secret word,type=env,target=WORD", "echo $WORD", "open sesame\n"},
	{"--annotation, --label do no harm", "--annotation a.b=c --label d=e", "echo ran", "ran\n"},
	{"--unsetenv", "--unsetenv container", "env | grep container= | wc -l", "0\n"},
	{"--personality", "--personality LINUX32", "uname -m", "i686\n"},
	{"--dns", "--network host --dns 10.1.2.3", "grep 10.1.2.3 /etc/resolv.conf", "nameserver 10.1.2.3\n"},
}

const seccompProfile = `{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
	{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 26}]}`

func optionRows() []scenario {
	rows := []scenario{{Name: "--privileged", Run: privileged}}
	for _, o := range options {
		rows = append(rows, engines.Scenario[*podman]{Name: o.name, Run: func(t testing.TB, p *podman) { p.option(t, o) }})
	}
	return rows
}

func (p *podman) option(t testing.TB, o option) {
	p.Write(t, "seccomp.json", seccompProfile)
	if strings.Contains(o.flags, "--secret") {
		p.ok(t, "secret", "create", "word", p.Write(t, "word", "open sesame"))
		t.Cleanup(func() { p.do(t, "secret", "rm", "word") })
	}
	names := strings.NewReplacer("DIR", p.Dir, "NETNS", p.Namespace(t, "net"), "UTSNS", p.Namespace(t, "uts"),
		"IPCNS", p.Namespace(t, "ipc"), "PIDNS", p.Namespace(t, "pid"), "MNTNS", p.Namespace(t, "mnt"), "CGROUPNS", p.Namespace(t, "cgroup"))
	p.prints(t, names.Replace(o.want), names.Replace(o.script), strings.Fields(names.Replace(o.flags))...)
}

// allCapabilities are those that there are, as a status file writes them: root's
// may have been taken from it for good, and a user namespace begins with all.
func (p *podman) allCapabilities(t testing.TB) string {
	t.Helper()
	if p.Account.Rootless() {
		text := p.ok(t, "unshare", "grep", "CapBnd", "/proc/self/status")
		return strings.Fields(text)[1]
	}
	return strings.Fields(p.Do(t, "grep", "CapBnd", "/proc/self/status").Stdout)[1]
}

// A privileged container has all capabilities, the machine's devices, and
// nothing masked; no filter either.
func privileged(t testing.TB, p *podman) {
	p.prints(t, "CapEff:\t"+p.allCapabilities(t)+"\nSeccomp:\t0\n0\n", "grep -E 'CapEff|Seccomp:' /proc/self/status; grep ' /proc/' /proc/self/mounts | wc -l", "--privileged")
	device := "/dev/kmsg"
	if p.Account.Rootless() {
		device = "/dev/net/tun"
	}
	want := strings.Fields(strings.ReplaceAll(p.sh(t, "[ -e "+device+" ] && echo yes; mount -t tmpfs x /mnt 2>/dev/null || mkdir /mnt; mount -t tmpfs x /mnt && echo mounted", "--privileged").Stdout, "\n", " "))
	equal(t, "devices, mounts", want, "[yes mounted]")
}
