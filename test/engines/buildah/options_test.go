package buildah

import (
	"os"
	"strings"
	"syscall"
	"testing"
)

// option is a scenario that consists of one container. DIR is the place's
// directory, and NETNS is its network namespace.
type option struct {
	name   string
	flags  string // of buildah run, or of buildah from
	script string
	want   string // printed
}

// runOptions are what `buildah run` takes.
var runOptions = []option{
	{"--user, --workingdir, --env, --hostname", "--user 1000:1001 --workingdir /tmp --env A=b --hostname box", "id -u; id -g; pwd; echo $A; hostname", "1000\n1001\n/tmp\nb\nbox\n"},
	{"--user NAME", "--user user", "id -un; echo $HOME", "user\n/home/user\n"},
	{"the default capabilities and filter", "", "grep -E 'CapEff|Seccomp:|NoNewPrivs' /proc/self/status", "CapEff:\t00000000a80425fb\nNoNewPrivs:\t0\nSeccomp:\t2\n"},
	{"--cap-add, --cap-drop", "--cap-add cap_sys_ptrace --cap-drop cap_mknod", "grep -E 'Cap(Prm|Eff|Bnd)' /proc/self/status", "CapPrm:\t00000000a00c25fb\nCapEff:\t00000000a00c25fb\nCapBnd:\t00000000a00c25fb\n"},
	{"--volume", "--volume DIR/shared:/mnt:ro", "cat /mnt/file; touch /mnt/x 2>/dev/null || echo refused", "outside\nrefused\n"},
	{"--volume :O, an overlay", "--volume DIR/shared:/mnt:O", "cat /mnt/file; echo mine >/mnt/file; cat /mnt/file", "outside\nmine\n"},
	{"--mount type=bind, type=tmpfs", "--mount type=bind,source=DIR/shared,target=/mnt --mount type=tmpfs,target=/scratch", "cat /mnt/file; grep -c ' /scratch tmpfs' /proc/mounts", "outside\n1\n"},
	{"--network host, --uts host", "--network host --uts host", "for n in net uts; do readlink /proc/self/ns/$n; done", "NETNS\nUTSNS\n"},
	{"--cgroupns host", "--cgroupns host", "readlink /proc/self/ns/cgroup", "CGROUPNS\n"},
	{"--no-pivot", "--no-pivot", "ls /data | wc -l; grep -c ' / ' /proc/self/mounts; echo ran", "0\n1\nran\n"},
	{"--tty=false", "--tty=false", "tty || echo none", "not a tty\nnone\n"},
	{"masked and read-only paths", "", "cat /proc/keys | wc -l; grep -cE ' /proc/(sys|bus|irq) .*\\bro\\b' /proc/self/mounts", "0\n3\n"},
	{"only the streams are open", "", "exec ls /proc/self/fd", "0\n1\n2\n3\n"},
}

// fromOptions are what a working container is made with.
var fromOptions = []option{
	{"--security-opt seccomp=FILE", "--security-opt seccomp=DIR/seccomp.json", "mkdir /tmp/a 2>&1; touch /tmp/b && echo made", "mkdir: can't create directory '/tmp/a': Text file busy\nmade\n"},
	{"--security-opt seccomp=unconfined", "--security-opt seccomp=unconfined", "grep -w Seccomp /proc/self/status", "Seccomp:\t0\n"},
	{"--cap-drop all", "--cap-drop all", "grep CapEff /proc/self/status", "CapEff:\t0000000000000000\n"},
	{"--ulimit", "--ulimit nofile=100:200", "grep files /proc/self/limits | tr -s ' '", "Max open files 100 200 files \n"},
	{"--shm-size", "--shm-size 1m", "df -k /dev/shm | awk 'NR == 2 { print $2 }'", "1024\n"},
	{"--device", "--device /dev/zero:/dev/mine:rw", "head -c 3 /dev/mine | wc -c; : >/dev/mine && echo written", "3\nwritten\n"},
	{"--add-host", "--network host --add-host far:10.9.8.7", "grep -w far /etc/hosts", "10.9.8.7\tfar\n"},
	{"--isolation oci, then run without", "--isolation oci", "echo $$", "1\n"},
}

const seccompProfile = `{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
	{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 26}]}`

func optionRows() []scenario {
	var rows []scenario
	for _, o := range runOptions {
		rows = append(rows, scenario{Name: "run: " + o.name, Run: func(t testing.TB, b *buildah) {
			expand := b.names(t)
			b.prints(t, expand.Replace(o.want), box, o.script, strings.Fields(expand.Replace(o.flags))...)
		}})
	}
	for _, o := range fromOptions {
		rows = append(rows, scenario{Name: "from: " + o.name, Run: func(t testing.TB, b *buildah) {
			name := b.from(t, strings.Fields(b.names(t).Replace(o.flags))...)
			var network []string
			if strings.Contains(o.flags, "--network") {
				network = []string{"--network", "host"}
			}
			b.prints(t, o.want, name, o.script, network...)
		}})
	}
	return rows
}

// names puts the place's own into an option.
func (b *buildah) names(t testing.TB) *strings.Replacer {
	t.Helper()
	b.Write(t, "seccomp.json", seccompProfile)
	b.Write(t, "shared/file", "outside\n")
	return strings.NewReplacer("DIR", b.Dir, "CGROUPNS", b.Namespace(t, "cgroup"), "NETNS", b.Namespace(t, "net"),
		"UTSNS", b.Namespace(t, "uts"))
}

var fromRows = []scenario{
	{Name: "run --volume: it writes, and a :U volume is the user's", Run: ownedVolume},
	{Name: "config: user, workingdir, env, entrypoint, cmd, volume", Run: configured},
}

func ownedVolume(t testing.TB, b *buildah) {
	dir := b.Mkdir(t, "owned")
	b.prints(t, "1000\n", box, "echo inside >/mnt/f && stat -c %u /mnt/f", "--user", "1000", "--volume", dir+":/mnt:U")
	if text, err := os.ReadFile(dir + "/f"); err != nil || string(text) != "inside\n" {
		t.Errorf("%q, %v", text, err)
	}
}

func configured(t testing.TB, b *buildah) {
	name := b.from(t)
	b.ok(t, "config", "--user", "1000", "--workingdir", "/srv/made", "--env", "A=b", "--entrypoint", `["cat"]`, "--cmd", "/etc/group", "--volume", "/kept", name)
	b.prints(t, "1000 /srv/made b\n", name, "echo $(id -u) $(pwd) $A; ls -d /kept >/dev/null")
}

// buildRows are options of a build, which are for its RUN.
var buildRows = []scenario{
	{Name: "bud: --cap-drop, --cap-add, --ulimit, --shm-size, --volume", Run: budOptions},
	{Name: "bud --jobs: stages side by side", Run: budJobs},
	{Name: "bud: output of 20 000 lines", Run: budOutput},
	{Name: "bud --hooks-dir: prestart and poststop", Run: budHooks},
	{Name: "from --userns-uid-map: root is another user", Run: mapped},
	{Name: "bud --userns-uid-map: files of the image are root's", Run: budMapped},
}

func budOptions(t testing.TB, b *buildah) {
	b.Write(t, "shared/file", "outside\n")
	r := b.bud(t, `FROM localhost/busybox
RUN echo "> $(grep CapEff /proc/self/status)"
RUN echo "> $(ulimit -n) $(df -k /dev/shm | awk 'NR == 2 { print $2 }') $(cat /mnt/file)"
`, "--cap-drop", "all", "--cap-add", "cap_chown", "--ulimit", "nofile=100:200", "--shm-size", "1m", "--volume", b.Path("shared")+":/mnt:ro")
	equal(t, "output", lines(r), "CapEff:\t0000000000000001\n100 1024 outside\n")
}

func budJobs(t testing.TB, b *buildah) {
	r := b.bud(t, `FROM localhost/busybox AS one
RUN sleep 0.5; echo one >/data/x
FROM localhost/busybox AS two
RUN sleep 0.5; echo two >/data/x
FROM localhost/busybox
COPY --from=one /data/x /data/1
COPY --from=two /data/x /data/2
RUN echo "> $(cat /data/1 /data/2 | tr '\n' ' ')"
`, "--jobs", "3")
	contains(t, "output", r.Stdout, "> one two")
}

func budOutput(t testing.TB, b *buildah) {
	r := b.bud(t, "FROM localhost/busybox\nRUN seq 1 20000 | sed 's/^/> /'\n")
	equal(t, "lines", strings.Count(lines(r), "\n"), 20_000)
	if !strings.HasSuffix(lines(r), "\n19999\n20000\n") {
		t.Error("the end is missing")
	}
}

const hookFile = `{"version": "1.0.0", "when": {"always": true}, "stages": ["prestart", "poststop"],
	"hook": {"path": "/bin/sh", "args": ["sh", "-c", "cat | tr -d '\n' | grep -o '\"status\": *\"[a-z]*\"' >>DIR/hooks.log"]}}`

func budHooks(t testing.TB, b *buildah) {
	b.Write(t, "hooks/one.json", strings.ReplaceAll(hookFile, "DIR", b.Dir))
	r := b.bud(t, "FROM localhost/busybox\nRUN echo '> ran'\n", "--hooks-dir", b.Path("hooks"))
	equal(t, "output", lines(r), "ran\n")
	log, _ := os.ReadFile(b.Path("hooks.log"))
	text := strings.ReplaceAll(string(log), " ", "")
	contains(t, "states", text, `"creating"`)
	contains(t, "states", text, `"stopped"`)
}

// mapping is one that root may choose freely, and of an ordinary user one within
// its own subordinate users.
var mapping = []string{"--userns-uid-map", "0:2000:5000", "--userns-gid-map", "0:2000:5000"}

func mapped(t testing.TB, b *buildah) {
	dir := b.Mkdir(t, "mapped")
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	name := b.from(t, mapping...)
	b.prints(t, " 0 2000 5000\n0\n", name, "tr -s ' ' </proc/self/uid_map; touch /data/f; stat -c %u /data/f", "--volume", dir+":/data")
	var st syscall.Stat_t
	if err := syscall.Stat(dir+"/f", &st); err != nil || !b.Account.Rootless() && st.Uid != 2000 || b.Account.Rootless() && st.Uid < 100_000 {
		t.Errorf("owner %d, %v", st.Uid, err)
	}
}

func budMapped(t testing.TB, b *buildah) {
	r := b.bud(t, `FROM localhost/busybox
COPY file /data/file
RUN touch /data/made && echo "> $(stat -c %u /data/made /data/file | tr '\n' ' ')$(tr -s ' ' </proc/self/uid_map | cut -c2-)"
`, mapping...)
	equal(t, "output", lines(r), "0 0 0 2000 5000\n")
}
