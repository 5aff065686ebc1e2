package spec

import (
	"strings"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// SysctlPath turns a key of linux.sysctl into the path below /proc/sys. Like
// sysctl(8) it takes net.ipv4.conf.eth0/100.x and net/ipv4/conf/eth0.100/x for
// the same: the first separator decides what the other one stands for. It
// reports false for a key that could lead elsewhere.
func SysctlPath(key string) (string, bool) {
	dotted := strings.IndexAny(key, "./")
	if dotted < 0 {
		return "", false
	}
	separator := key[dotted : dotted+1]
	parts := strings.Split(key, separator)
	for i, part := range parts {
		if separator == "." {
			part = strings.ReplaceAll(part, "/", ".")
		}
		if part == "" || part == "." || part == ".." || strings.ContainsFunc(part, notPrintable) {
			return "", false
		}
		parts[i] = part
	}
	return strings.Join(parts, "/"), true
}

func notPrintable(r rune) bool { return r <= ' ' || r > '~' }

// sysctls refuses what would change the machine and not the container.
func (c *checker) sysctls(linux *path, s *oci.Spec) {
	p := linux.field("sysctl")
	for _, key := range sortedKeys(s.Linux.Sysctl) {
		e := p.key(key)
		file, ok := SysctlPath(key)
		if !ok {
			c.bad(&e, quote(key), "a key like net.ipv4.ip_forward")
			continue
		}
		switch t := sysctlNamespace(file); {
		case t == "":
			c.bad(&e, quote(key), "a kernel parameter that belongs to a namespace of type network, ipc, uts or user")
		case !c.has(t):
			c.bad(&e, quote(key), "none of this kind without a namespace of type "+string(t))
		}
		c.sysctlName(&e, file, "kernel/hostname", s.Linux.Sysctl[key], "hostname", s.Hostname)
		c.sysctlName(&e, file, "kernel/domainname", s.Linux.Sysctl[key], "domainname", s.Domainname)
	}
}

// sysctlName refuses a second name beside the one that the configuration has a
// field for.
func (c *checker) sysctlName(e *path, file, name, value, field, named string) {
	if file == name && named != "" && value != named {
		c.bad(e, quote(value), quote(named)+", which "+field+" says")
	}
}

// sysctlNamespace tells which namespace a parameter belongs to; "" for none.
func sysctlNamespace(file string) oci.LinuxNamespaceType {
	switch {
	case strings.HasPrefix(file, "net/"):
		return oci.NetworkNamespace
	case strings.HasPrefix(file, "fs/mqueue/"):
		return oci.IPCNamespace
	case strings.HasPrefix(file, "user/"):
		return oci.UserNamespace
	}
	switch strings.TrimPrefix(file, "kernel/") {
	case "hostname", "domainname":
		return oci.UTSNamespace
	case "auto_msgmni", "msg_next_id", "msgmax", "msgmnb", "msgmni", "sem", "sem_next_id",
		"shm_next_id", "shm_rmid_forced", "shmall", "shmmax", "shmmni":
		return oci.IPCNamespace
	}
	return ""
}
