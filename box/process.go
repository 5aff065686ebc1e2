package box

import (
	"cmp"
	"slices"
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"
)

const searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

func process(o *Options, who identity, lookup func(string) (string, bool)) *specs.Process {
	args := o.Command
	if len(args) == 0 {
		args = []string{"sh"}
	}
	return &specs.Process{
		Args:            args,
		Env:             environment(o.Env, who.home, lookup),
		Cwd:             cmp.Or(o.Workdir, "/"),
		User:            who.user,
		Capabilities:    capabilities(who.user.UID),
		NoNewPrivileges: true,
	}
}

// environment has nothing of the caller's but what a terminal needs and what
// -e asks for. A later setting replaces an earlier one: a program that finds a
// name twice may take either.
func environment(requests []string, home string, lookup func(string) (string, bool)) []string {
	env := []string{"PATH=" + searchPath, "HOME=" + home}
	for _, request := range append([]string{"TERM", "LANG"}, requests...) {
		name, _, given := strings.Cut(request, "=")
		if !given {
			value, ok := lookup(name)
			if !ok {
				continue
			}
			request = name + "=" + value
		}
		env = slices.DeleteFunc(env, func(e string) bool { return strings.HasPrefix(e, name+"=") })
		env = append(env, request)
	}
	return env
}

// capabilities are Docker's set, which is known to do for package managers and
// services. CAP_SYS_ADMIN is not in it: it would make every read-only bind and
// mask of the box writable again by a remount. Other users than root have none,
// as they would after any login.
func capabilities(uid uint32) *specs.LinuxCapabilities {
	set := []string{
		"CAP_AUDIT_WRITE", "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_MKNOD",
		"CAP_NET_BIND_SERVICE", "CAP_NET_RAW", "CAP_SETFCAP", "CAP_SETGID", "CAP_SETPCAP", "CAP_SETUID", "CAP_SYS_CHROOT",
	}
	if uid != 0 {
		return &specs.LinuxCapabilities{Bounding: set}
	}
	return &specs.LinuxCapabilities{Bounding: set, Effective: set, Permitted: set}
}
