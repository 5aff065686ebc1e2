package errors

import (
	"strings"
	"syscall"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// namespace gives one namespace of the default configuration a path.
func namespace(s *oci.Spec, kind oci.LinuxNamespaceType, path string) {
	for i := range s.Linux.Namespaces {
		if s.Linux.Namespaces[i].Type == kind {
			s.Linux.Namespaces[i].Path = path
		}
	}
}

// without removes a namespace: the host's is used.
func without(s *oci.Spec, kind oci.LinuxNamespaceType) {
	var list []oci.LinuxNamespace
	for _, n := range s.Linux.Namespaces {
		if n.Type != kind {
			list = append(list, n)
		}
	}
	s.Linux.Namespaces = list
}

// nested maps the one id that there is in the user namespace that keg runs in.
func nested(_ *testing.T, b *kegtest.Bundle) {
	*b.Spec = *rootless()
	b.Spec.Linux.UIDMappings = []oci.LinuxIDMapping{{ContainerID: 0, HostID: 0, Size: 1}}
	b.Spec.Linux.GIDMappings = b.Spec.Linux.UIDMappings
}

func namespaceCases() []broken {
	const noUserNS = "echo 0 >/proc/sys/user/max_user_namespaces"
	return []broken{
		change("namespace path is missing", func(s *oci.Spec) { namespace(s, oci.NetworkNamespace, "/none/net") }),
		change("namespace of the wrong type", func(s *oci.Spec) { namespace(s, oci.NetworkNamespace, "/proc/self/ns/ipc") }),
		change("namespace is no namespace", func(s *oci.Spec) { namespace(s, oci.NetworkNamespace, "/etc/hostname") }),
		change("hostname without uts", func(s *oci.Spec) { without(s, oci.UTSNamespace) }),
		change("hostname is too long", func(s *oci.Spec) { s.Hostname = strings.Repeat("h", 65) }),
		change("domainname is too long", func(s *oci.Spec) { s.Domainname = strings.Repeat("d", 65) }),
		change("mounts without a mount namespace", func(s *oci.Spec) { without(s, oci.MountNamespace); s.Mounts = s.Mounts[:1] }),
		change("user namespace without mappings", func(s *oci.Spec) {
			s.Linux.Namespaces = append(s.Linux.Namespaces, oci.LinuxNamespace{Type: oci.UserNamespace})
		}),
		change("time offset below zero", func(s *oci.Spec) {
			s.Linux.Namespaces = append(s.Linux.Namespaces, oci.LinuxNamespace{Type: oci.TimeNamespace})
			s.Linux.TimeOffsets = map[string]oci.LinuxTimeOffset{"monotonic": {Secs: -1 << 40}}
		}),
		{name: "no user namespace is allowed", ns: syscall.CLONE_NEWUSER, shell: noUserNS, prepare: nested},
		{name: "no user namespace is allowed, mounts are", ns: syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS, shell: noUserNS, prepare: nested},
		{name: "nested without privileges", ns: syscall.CLONE_NEWUSER, prepare: func(t *testing.T, b *kegtest.Bundle) {
			nested(t, b)
			without(b.Spec, oci.UserNamespace)
			b.Spec.Linux.UIDMappings, b.Spec.Linux.GIDMappings = nil, nil
		}},
		{name: "no network namespace is allowed", ns: syscall.CLONE_NEWUSER, shell: "echo 0 >/proc/sys/user/max_net_namespaces",
			prepare: func(t *testing.T, b *kegtest.Bundle) {
				nested(t, b)
				b.Spec.Linux.Namespaces = append(b.Spec.Linux.Namespaces, oci.LinuxNamespace{Type: oci.NetworkNamespace})
			}},
		{name: "ordinary user without a user namespace", user: true, prepare: func(_ *testing.T, b *kegtest.Bundle) {
			without(b.Spec, oci.UserNamespace)
			b.Spec.Linux.UIDMappings, b.Spec.Linux.GIDMappings = nil, nil
		}},
		{name: "additional groups as an ordinary user", user: true, prepare: func(_ *testing.T, b *kegtest.Bundle) {
			b.Spec.Process.User.AdditionalGids = []uint32{0}
		}},
		{name: "mapping is not granted", user: true, prepare: func(_ *testing.T, b *kegtest.Bundle) {
			b.Spec.Linux.UIDMappings = []oci.LinuxIDMapping{{ContainerID: 0, HostID: user, Size: 1}, {ContainerID: 1, HostID: 100000, Size: 10}}
		}},
		{name: "group mapping is not granted", user: true, prepare: func(_ *testing.T, b *kegtest.Bundle) {
			b.Spec.Linux.GIDMappings = []oci.LinuxIDMapping{{ContainerID: 0, HostID: 12, Size: 1}}
		}},
		{name: "idmapped mount as an ordinary user", user: true, prepare: func(_ *testing.T, b *kegtest.Bundle) {
			m := bind("rootfs", "/data")
			m.UIDMappings = []oci.LinuxIDMapping{{ContainerID: 0, HostID: 1, Size: 1}}
			m.GIDMappings = m.UIDMappings
			b.Spec.Mounts = append(b.Spec.Mounts, m)
		}},
	}
}
