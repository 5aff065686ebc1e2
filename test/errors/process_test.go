package errors

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

func processCases() []broken {
	userNS := func(s *oci.Spec) {
		s.Linux.Namespaces = append(s.Linux.Namespaces, oci.LinuxNamespace{Type: oci.UserNamespace})
		s.Linux.UIDMappings = []oci.LinuxIDMapping{{ContainerID: 0, HostID: 100000, Size: 1000}}
		s.Linux.GIDMappings = s.Linux.UIDMappings
	}
	return []broken{
		files("cwd is a file", func(*testing.T, string) {}).with(func(s *oci.Spec) { s.Process.Cwd = "/etc/passwd" }),
		{name: "cwd is out of reach", prepare: func(t *testing.T, b *kegtest.Bundle) {
			must(t, os.Chmod(filepath.Join(b.Dir, "rootfs/root"), 0o700))
			b.Spec.Process.Cwd = "/root"
			b.Spec.Process.User = oci.User{UID: 1000, GID: 1000}
			b.Spec.Process.Capabilities = nil
		}},
		change("unmapped uid", func(s *oci.Spec) { userNS(s); s.Process.User.UID = 5000 }),
		change("unmapped gid", func(s *oci.Spec) { userNS(s); s.Process.User.GID = 5000 }),
		change("unmapped additional gid", func(s *oci.Spec) { userNS(s); s.Process.User.AdditionalGids = []uint32{5000} }),
		change("rlimit above the kernel's", func(s *oci.Spec) {
			s.Process.Rlimits = []oci.POSIXRlimit{{Type: "RLIMIT_NOFILE", Hard: 1 << 40, Soft: 1 << 40}}
		}),
		{name: "rlimit cannot be raised", user: true, shell: "ulimit -n 256", prepare: func(_ *testing.T, b *kegtest.Bundle) {
			b.Spec.Process.Rlimits = []oci.POSIXRlimit{{Type: "RLIMIT_NOFILE", Hard: 4096, Soft: 4096}}
		}},
		{name: "scheduler is refused", user: true, prepare: func(_ *testing.T, b *kegtest.Bundle) {
			b.Spec.Process.Scheduler = &oci.Scheduler{Policy: oci.SchedFIFO, Priority: 10}
		}},
		change("scheduler priority is missing", func(s *oci.Spec) { s.Process.Scheduler = &oci.Scheduler{Policy: oci.SchedFIFO} }),
		{name: "descriptor to preserve is not open", args: []string{"create", "--preserve-fds", "2", "--bundle", "$BUNDLE", "$ID"}},
		{name: "pidfd socket is missing", args: []string{"create", "--pidfd-socket", "$BUNDLE/none", "--bundle", "$BUNDLE", "$ID"}},
		{name: "pidfd socket is a file", args: []string{"run", "--pidfd-socket", "$BUNDLE/config.json", "--bundle", "$BUNDLE", "$ID"}},
		{name: "pid file in a missing directory", args: []string{"create", "--pid-file", "$BUNDLE/none/pid", "--bundle", "$BUNDLE", "$ID"}},
		change("memory policy of a node that is not there", func(s *oci.Spec) {
			s.Linux.MemoryPolicy = &oci.LinuxMemoryPolicy{Mode: oci.MpolBind, Nodes: "1000"}
		}),
		change("mount label by an option that is none", func(s *oci.Spec) {
			s.Annotations = map[string]string{"run.oci.mount_context_type": "ctx"}
		}),
		{name: "oom score cannot be lowered", user: true, prepare: func(_ *testing.T, b *kegtest.Bundle) {
			lower := -500
			b.Spec.Process.OOMScoreAdj = &lower
		}},
	}
}

// with changes the specification as well.
func (c broken) with(f func(s *oci.Spec)) broken {
	before := c.prepare
	c.prepare = func(t *testing.T, b *kegtest.Bundle) {
		before(t, b)
		f(b.Spec)
	}
	return c
}

// programCases are about process.args[0].
func programCases() []broken {
	put := func(text string, mode os.FileMode) func(*testing.T, string) {
		return func(t *testing.T, root string) { write(t, filepath.Join(root, "bin/program"), text, mode) }
	}
	none := func(*testing.T, string) {}
	return []broken{
		files("program is missing", none, "/bin/none"),
		files("program is not in PATH", none, "none"),
		files("program is not executable", put("#!/bin/sh\n", 0o644), "/bin/program"),
		files("program in PATH is not executable", put("#!/bin/sh\n", 0o644), "program"),
		files("program is a directory", none, "/bin"),
		files("program is out of reach", func(t *testing.T, root string) {
			write(t, filepath.Join(root, "secret/program"), "", 0o755)
			must(t, os.Chmod(filepath.Join(root, "secret"), 0o700))
		}, "/secret/program").with(func(s *oci.Spec) {
			s.Process.User = oci.User{UID: 1000, GID: 1000}
			s.Process.Capabilities = nil
		}),
		executed("exec format error", put("no program\n", 0o755)),
		executed("program is empty", put("", 0o755)),
		executed("program of another architecture", put(elf(t64, 243, ""), 0o755)),
		executed("interpreter of a script is missing", put("#!/usr/bin/python3 -u\n", 0o755)),
		executed("script with Windows line ends", put("#!/bin/sh\r\necho\r\n", 0o755)),
		executed("ELF loader is missing", put(elf(t64, machine, "/lib64/ld-linux-x86-64.so.2"), 0o755)),
	}
}

// executed is found by create, and executed by run.
func executed(name string, f func(*testing.T, string)) broken {
	c := files(name, f, "/bin/program")
	c.args = []string{"run", "--bundle", "$BUNDLE", "$ID"}
	return c
}

const t64, machine = 2, 62

// elf is the head of an ELF64 file, with a PT_INTERP if there is a loader.
func elf(class, machine byte, loader string) string {
	head := make([]byte, 64+56)
	copy(head, "\x7fELF")
	head[4], head[5], head[6] = class, 1, 1
	head[16], head[18], head[20] = 2, machine, 1
	head[32], head[52], head[54], head[56] = 64, 64, 56, 1
	p := head[64:]
	p[0], p[4], p[8] = 3, 4, 64+56
	p[32], p[40] = byte(len(loader)+1), byte(len(loader)+1)
	return string(head) + loader + "\x00" + strings.Repeat("\x00", 64)
}
