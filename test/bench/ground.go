package main

import (
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/keg-project/keg/spec"
)

// The configuration that Docker writes for `docker run --memory 64m --cpus 0.5
// --pids-limit 50 busybox true`, its seccomp profile included.
//
//go:embed testdata/docker.json
var dockerConfig []byte

// ground is where all contenders stand: one tmpfs with the bundle and the
// state directories, so that no disk takes part.
type ground struct {
	dir    string
	bundle string
	mounts int
}

func newGround(dir, config string) (*ground, error) {
	// crun 1.8 refuses a host that has both versions of cgroups.
	err := syscall.Unmount("/sys/fs/cgroup/unified", syscall.MNT_DETACH)
	if err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, syscall.ENOENT) {
		return nil, &os.PathError{Op: "umount", Path: "/sys/fs/cgroup/unified", Err: err}
	}
	g := &ground{dir: filepath.Join(dir, "work")}
	g.bundle = filepath.Join(g.dir, "bundle")
	if err := os.Mkdir(g.dir, 0o755); err != nil {
		return nil, err
	}
	if err := syscall.Mount("tmpfs", g.dir, "tmpfs", 0, "mode=755"); err != nil {
		return nil, &os.PathError{Op: "mount", Path: g.dir, Err: err}
	}
	return g, g.fill(config)
}

func (g *ground) fill(config string) error {
	text := dockerConfig
	if config != "" {
		var err error
		if text, err = os.ReadFile(config); err != nil {
			return err
		}
	}
	for _, d := range []string{"bin", "proc", "sys", "dev", "etc", "tmp", "root"} {
		if err := os.MkdirAll(filepath.Join(g.rootfs(), d), 0o755); err != nil {
			return err
		}
	}
	if err := g.bundles(text); err != nil {
		return err
	}
	busybox, err := exec.LookPath("busybox")
	if err != nil {
		return fmt.Errorf("%w (test/setup installs it)", err)
	}
	program, err := os.ReadFile(busybox)
	if err != nil {
		return err
	}
	if err := os.Symlink("true", filepath.Join(g.rootfs(), "bin/sleep")); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(g.rootfs(), "bin/true"), program, 0o755)
}

// bundles writes the bundle that is measured, and one whose program stays.
func (g *ground) bundles(config []byte) error {
	if err := os.WriteFile(filepath.Join(g.bundle, "config.json"), config, 0o600); err != nil {
		return err
	}
	s, err := spec.Decode(config)
	if err != nil {
		return err
	}
	s.Process.Args = []string{"/bin/sleep", "100000"}
	s.Root.Path = g.rootfs()
	resident := filepath.Join(g.dir, "resident")
	if err := os.Mkdir(resident, 0o755); err != nil {
		return err
	}
	f, err := os.Create(filepath.Join(resident, "config.json"))
	if err != nil {
		return err
	}
	return errors.Join(spec.Write(f, s), f.Close())
}

func (g *ground) rootfs() string { return filepath.Join(g.bundle, "rootfs") }

// setMounts adds mounts until the host has n: a tmpfs for each nine binds, as
// on a machine full of containers and volumes. It never removes any.
func (g *ground) setMounts(n int) error {
	now, err := countMounts()
	if err != nil {
		return err
	}
	source := ""
	for ; now < n; now++ {
		target := filepath.Join(g.dir, "mounts", fmt.Sprint(now))
		if err := os.MkdirAll(target, 0o755); err != nil {
			return err
		}
		if source == "" || now%10 == 0 {
			err = syscall.Mount("tmpfs", target, "tmpfs", 0, "size=64k")
			source = target
		} else {
			err = syscall.Mount(source, target, "", syscall.MS_BIND, "")
		}
		if err != nil {
			return &os.PathError{Op: "mount", Path: target, Err: err}
		}
	}
	g.mounts, err = countMounts()
	return err
}

func countMounts() (int, error) {
	table, err := os.ReadFile("/proc/self/mountinfo")
	return strings.Count(string(table), "\n"), err
}
