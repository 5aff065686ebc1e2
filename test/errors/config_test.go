package errors

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/spec"
	"github.com/keg-project/keg/test/kegtest"
)

// change makes a case of a change to the specification alone.
func change(name string, f func(s *oci.Spec)) broken {
	return broken{name: name, prepare: func(_ *testing.T, b *kegtest.Bundle) { f(b.Spec) }}
}

// files makes a case of a change to the root file system, and of the program.
func files(name string, f func(t *testing.T, root string), args ...string) broken {
	return broken{name: name, prepare: func(t *testing.T, b *kegtest.Bundle) {
		f(t, filepath.Join(b.Dir, "rootfs"))
		if len(args) > 0 {
			b.Spec.Process.Args = args
		}
	}}
}

func rootless() *oci.Spec {
	s := spec.Default(true, user, user, false)
	s.Process.Terminal = false
	s.Process.Args = []string{"true"}
	return s
}

func configCases() []broken {
	list := []broken{
		{name: "config.json is missing", raw: "-"},
		{name: "config.json is not JSON", raw: "{\n  \"ociVersion\": \"1.3.0\",\n  \"process\": {\"args\": [\"true\",]}\n}\n"},
		{name: "config.json is cut off", raw: `{"ociVersion": "1.3.0", "process": {`},
		{name: "config.json is empty", raw: " "},
		{name: "config.json has wrong types", raw: `{"ociVersion": "1.3.0", "process": {"args": "true", "cwd": 7, "user": []}, "root": "rootfs"}`},
		{name: "config.json is a FIFO", raw: "-", prepare: func(t *testing.T, b *kegtest.Bundle) {
			must(t, syscall.Mkfifo(filepath.Join(b.Dir, "config.json"), 0o600))
		}},
		{name: "config.json leads to a device", raw: "-", prepare: func(t *testing.T, b *kegtest.Bundle) {
			must(t, os.Symlink("/dev/zero", filepath.Join(b.Dir, "config.json")))
		}},
		{name: "config.json is a directory", raw: "-", prepare: func(t *testing.T, b *kegtest.Bundle) {
			must(t, os.Mkdir(filepath.Join(b.Dir, "config.json"), 0o755))
		}},
		{name: "bundle is missing", args: []string{"create", "--bundle", "$BUNDLE/none", "$ID"}},
		{name: "bundle is empty", args: []string{"create", "--bundle", "", "$ID"}},
		change("several violations at once", func(s *oci.Spec) {
			s.Process.Cwd, s.Linux.CgroupsPath, s.Mounts[0].Destination = "tmp", "/a/../b", "proc"
			s.Linux.Namespaces[0].Type = "pit"
		}),
	}
	return append(list, unsupportedCases()...)
}

// unsupportedCases are refused until keg supports them.
func unsupportedCases() []broken {
	return []broken{
		change("selinux", func(s *oci.Spec) { s.Process.SelinuxLabel = "system_u:system_r:container_t:s0" }),
		change("intelRdt", func(s *oci.Spec) { s.Linux.IntelRdt = &oci.LinuxIntelRdt{ClosID: "a"} }),
	}
}
