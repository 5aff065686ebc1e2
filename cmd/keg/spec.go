package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"github.com/keg-project/keg/cmd/keg/argv"
	"github.com/keg-project/keg/spec"
)

func specCommand() command {
	return command{
		name: "spec", max: 0, audience: forEngines,
		short: "write a config.json to begin with",
		long: "The container runs sh in the root file system `rootfs` beside the file: put one\n" +
			"there, or change root.path. It gets a terminal: --console-socket of create and of\n" +
			"run --detach names who holds that. A file that is there is kept.",
		setup: setupSpec,
	}
}

func setupSpec(s *argv.Set) action {
	bundle, rootless := ".", false
	s.String(&bundle, "bundle", 'b', "DIR", "where to write it (default: .)")
	s.Bool(&rootless, "rootless", 0, "one that an ordinary user can run")
	return func(*call, argv.Args) (int, error) {
		return 0, writeSpec(filepath.Join(bundle, "config.json"), rootless)
	}
}

// writeSpec makes the file or leaves the one that is there: a person's
// configuration is not keg's to overwrite.
func writeSpec(path string, rootless bool) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%s exists already; remove it first", path)
	}
	if err != nil {
		return err
	}
	err = spec.Write(f, spec.Default(rootless, os.Geteuid(), os.Getegid(), unifiedCgroups()))
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		os.Remove(path)
	}
	return err
}

// unifiedCgroups tells whether the host has cgroup v2 alone: then the
// configuration has a cgroup namespace, as runc's does.
func unifiedCgroups() bool {
	const cgroup2Magic = 0x63677270 // statfs(2)
	var st syscall.Statfs_t
	return syscall.Statfs("/sys/fs/cgroup", &st) == nil && int64(st.Type) == cgroup2Magic
}
