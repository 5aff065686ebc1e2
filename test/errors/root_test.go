package errors

import (
	"os"
	"path/filepath"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

func rootCases() []broken {
	return []broken{
		change("root is missing", func(s *oci.Spec) { s.Root.Path = "none" }),
		change("root is missing, absolute", func(s *oci.Spec) { s.Root.Path = "/none" }),
		change("root is a file", func(s *oci.Spec) { s.Root.Path = "rootfs/bin/busybox" }),
		change("root path is empty", func(s *oci.Spec) { s.Root.Path = "" }),
		{name: "root is out of reach", user: true, prepare: func(t *testing.T, b *kegtest.Bundle) {
			must(t, os.Chmod(filepath.Join(b.Dir, "rootfs"), 0o700))
			must(t, os.Mkdir(filepath.Join(b.Dir, "rootfs/inner"), 0o755))
			b.Spec.Root.Path = "rootfs/inner"
		}},
		{name: "read-only root without a mountpoint", prepare: func(t *testing.T, b *kegtest.Bundle) {
			b.Spec.Mounts = append(b.Spec.Mounts, oci.Mount{Destination: "/ro/inner", Type: "tmpfs", Source: "tmpfs"},
				oci.Mount{Destination: "/ro", Type: "bind", Source: "rootfs/data", Options: []string{"bind", "ro"}})
			b.Spec.Mounts[len(b.Spec.Mounts)-1], b.Spec.Mounts[len(b.Spec.Mounts)-2] =
				b.Spec.Mounts[len(b.Spec.Mounts)-2], b.Spec.Mounts[len(b.Spec.Mounts)-1]
		}},
		files("dev is a symbolic link", func(t *testing.T, root string) {
			must(t, os.Remove(filepath.Join(root, "dev")))
			must(t, os.Symlink("tmp", filepath.Join(root, "dev")))
		}),
		files("proc is a symbolic link", func(t *testing.T, root string) {
			must(t, os.Remove(filepath.Join(root, "proc")))
			must(t, os.Symlink("tmp", filepath.Join(root, "proc")))
		}),
		{name: "a device is another file", prepare: func(t *testing.T, b *kegtest.Bundle) {
			b.Spec.Mounts = nil
			b.Spec.Linux.MaskedPaths, b.Spec.Linux.ReadonlyPaths = nil, nil
			write(t, filepath.Join(b.Dir, "rootfs/dev/null"), "", 0o666)
		}},
		{name: "a device of the configuration is another file", prepare: func(t *testing.T, b *kegtest.Bundle) {
			b.Spec.Linux.Devices = []oci.LinuxDevice{{Path: "/data/fuse", Type: "c", Major: 10, Minor: 229}}
			write(t, filepath.Join(b.Dir, "rootfs/data/fuse"), "", 0o666)
		}},
	}
}
