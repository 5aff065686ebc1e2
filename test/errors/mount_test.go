package errors

import (
	"os"
	"path/filepath"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// mount makes a case of one more mount, and of the files that it needs.
func mount(name string, m oci.Mount, f func(t *testing.T, root string)) broken {
	return broken{name: name, prepare: func(t *testing.T, b *kegtest.Bundle) {
		b.Spec.Mounts = append(b.Spec.Mounts, m)
		if f != nil {
			f(t, filepath.Join(b.Dir, "rootfs"))
		}
	}}
}

func bind(source, destination string, options ...string) oci.Mount {
	return oci.Mount{Type: "bind", Source: source, Destination: destination, Options: append(options, "rbind")}
}

func mountCases() []broken {
	link := func(to, name string) func(*testing.T, string) {
		return func(t *testing.T, root string) { must(t, os.Symlink(to, filepath.Join(root, name))) }
	}
	list := []broken{
		mount("mount source is missing", bind("/none/here", "/data"), nil),
		mount("mount source is missing, relative", bind("none", "/data"), nil),
		mount("destination through a loop of symbolic links", bind("rootfs", "/loop/x"), link("loop", "loop")),
		mount("destination through a file", bind("rootfs", "/etc/passwd/x"), nil),
		mount("destination is a dangling symbolic link", bind("rootfs", "/dangling"), link("nowhere", "dangling")),
		mount("a directory on a file", bind("rootfs", "/etc/passwd"), nil),
		mount("a file on a directory", bind("rootfs/etc/passwd", "/data"), nil),
		mount("destination is the root", bind("rootfs", "/"), nil),
		mount("unsupported mount option", oci.Mount{Type: "tmpfs", Destination: "/data", Source: "tmpfs", Options: []string{"nosuid", "sparkling"}}, nil),
		mount("unsupported option of a bind mount", bind("rootfs", "/data", "sparkling"), nil),
		mount("bad value of a mount option", oci.Mount{Type: "tmpfs", Destination: "/data", Source: "tmpfs", Options: []string{"size=lots"}}, nil),
		mount("unknown file system", oci.Mount{Type: "nofs", Destination: "/data", Source: "none"}, nil),
		mount("tmpcopyup of another type", oci.Mount{Type: "proc", Destination: "/data", Source: "proc", Options: []string{"tmpcopyup"}}, nil),
		mount("overlay without its directories", oci.Mount{Type: "overlay", Destination: "/data", Source: "overlay", Options: []string{"lowerdir=/none:/nor-this"}}, nil),
		mount("remount of what is no mount", oci.Mount{Type: "tmpfs", Destination: "/etc", Source: "tmpfs", Options: []string{"remount", "ro"}}, nil),
		{name: "mount source is out of reach", user: true, prepare: func(t *testing.T, b *kegtest.Bundle) {
			must(t, os.Mkdir(filepath.Join(b.Dir, "secret"), 0o700))
			write(t, filepath.Join(b.Dir, "secret/file"), "", 0o644)
			b.Spec.Mounts = append(b.Spec.Mounts, bind("secret/file", "/etc/passwd"))
		}},
		{name: "mountpoint cannot be made", user: true, prepare: func(_ *testing.T, b *kegtest.Bundle) {
			b.Spec.Mounts = append(b.Spec.Mounts, bind("rootfs", "/new"))
		}},
	}
	return append(append(list, boundNamespace()), sysctlCases()...)
}

// boundNamespace has keg take a tree with a mount namespace along, as snapd's
// below /run: on one processor, as numbers of namespaces are only in order there.
func boundNamespace() broken {
	return broken{name: "a mount namespace is bound below the source",
		shell: `exec taskset -c 0 unshare --mount --propagation private sh -c '
			mkdir ns; mount -t tmpfs none ns; touch ns/mnt; unshare --mount=ns/mnt true; exec "$@"' sh "$@"`,
		prepare: func(_ *testing.T, b *kegtest.Bundle) {
			b.Spec.Linux.Namespaces = append(b.Spec.Linux.Namespaces, oci.LinuxNamespace{Type: oci.UserNamespace})
			b.Spec.Linux.UIDMappings = []oci.LinuxIDMapping{{Size: 65536}}
			b.Spec.Linux.GIDMappings = b.Spec.Linux.UIDMappings
			b.Spec.Mounts = append(b.Spec.Mounts, bind("ns", "/data"))
		}}
}

func sysctlCases() []broken {
	set := func(name, key, value string) broken {
		return change(name, func(s *oci.Spec) { s.Linux.Sysctl = map[string]string{key: value} })
	}
	return []broken{
		set("unknown sysctl", "net.ipv4.sparkling", "1"),
		set("sysctl value is refused", "net.ipv4.ip_forward", "lots"),
		set("sysctl value is out of range", "net.ipv4.ip_default_ttl", "70000"),
		set("sysctl of the host", "vm.swappiness", "1"),
	}
}
