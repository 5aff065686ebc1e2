package exec

import (
	"strings"
	"testing"
	"time"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// attributes is a script that writes to a file what a process has from who made
// it: all that the kernel tells but numbers of processes and what they have used.
func attributes(file string) string {
	return `{ cd /proc/self
grep -E '^(Umask|Uid|Gid|Groups|Sig(Blk|Ign|Cgt)|ShdPnd|Cap|NoNewPrivs|Seccomp|Specul|Cpus|Mems|THP|Threads)' status
cut -d' ' -f18-19,40-41 stat # priority, nice, rt_priority, policy
cat limits oom_score_adj coredump_filter timerslack_ns cgroup loginuid uid_map gid_map setgroups attr/current
uname -m; readlink root ns/*; ls fd; cd - ; env | grep -vE '^(PWD|OLDPWD|SHLVL|_)=' | sort
read pid name state parent group session rest < /proc/$$/stat; echo leads $((session == $$)) $((group == $$))
} > ` + file + `.new 2>&1; mv ` + file + ".new " + file
}

// Whatever joins a container, and however, is what the container's own program
// is: confined as strictly, and as able.
func TestSameAsTheProgram(t *testing.T) {
	caps := []string{"CAP_KILL", "CAP_CHOWN"}
	for name, change := range map[string]func(*oci.Spec){
		"default":           func(*oci.Spec) {},
		"everything":        inherited,
		"privileges":        func(s *oci.Spec) { s.Process.NoNewPrivileges = false },
		"no new privileges": func(s *oci.Spec) { s.Process.NoNewPrivileges = true },
		"user namespace":    userNamespace,
		"ambient": func(s *oci.Spec) {
			s.Process.Capabilities = &oci.LinuxCapabilities{Bounding: caps, Permitted: caps, Effective: caps, Inheritable: caps, Ambient: caps[:1]}
		},
		"filter": func(s *oci.Spec) {
			s.Process.NoNewPrivileges = false
			s.Linux.Seccomp = &oci.LinuxSeccomp{DefaultAction: oci.ActAllow, Syscalls: []oci.LinuxSyscall{{Names: []string{"keyctl"}, Action: oci.ActErrno}}}
		},
	} {
		t.Run(name, func(t *testing.T) { sameAsProgram(t, change) })
	}
}

func sameAsProgram(t *testing.T, change func(*oci.Spec)) {
	b := bundle(t, change, func(s *oci.Spec) {
		s.Process.Args = []string{"sh", "-c", attributes("/data/program") + "; sleep 1000"}
		s.Mounts = append(s.Mounts, oci.Mount{Destination: "/data", Type: "tmpfs", Source: "tmpfs", Options: []string{"mode=1777"}})
		s.Hooks = &oci.Hooks{StartContainer: []oci.Hook{{Path: "/bin/sh", Args: []string{"sh", "-c", attributes("/data/hook")}}}}
	})
	start(t, b)
	var want string
	within(t, time.Minute, "the program has looked", func() bool {
		r := b.Keg("exec", b.ID(), "cat", "/data/program")
		want = r.Stdout
		return r.Code == 0
	})
	in(t, b, "sh", "-c", attributes("/data/exec"))
	p := process("sh", "-c", attributes("/data/process"))
	p.User, p.Env = b.Spec.Process.User, b.Spec.Process.Env
	must(t, given(t, b, p))
	for _, how := range []string{"hook", "exec", "process"} {
		theirs := strings.Split(want, "\n")
		for i, line := range strings.Split(in(t, b, "cat", "/data/"+how), "\n") {
			if i >= len(theirs) || line != theirs[i] {
				t.Errorf("%s: line %d is %q, and the program's:\n%s", how, i, line, want)
				break
			}
		}
	}
}
