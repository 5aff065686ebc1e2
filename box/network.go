package box

import (
	"os"
	"path/filepath"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// resolvConf is where this machine's resolv.conf lies, symlinks followed.
func resolvConf() string {
	path, err := filepath.EvalSymlinks("/etc/resolv.conf")
	if err != nil {
		return ""
	}
	if fi, err := os.Stat(path); err != nil || !fi.Mode().IsRegular() {
		return ""
	}
	return path
}

// networkMounts are those that differ with the network. A sysfs shows the
// devices of one network namespace, and only who owns that may mount one: the
// box's user namespace does not own this machine's, so it gets this machine's
// /sys itself, read-only with all below it.
func networkMounts(hostNet bool, resolvConf string) []specs.Mount {
	if !hostNet {
		return []specs.Mount{{Destination: "/sys", Type: "sysfs", Source: "sysfs", Options: []string{"nosuid", "noexec", "nodev", "ro"}}}
	}
	mounts := []specs.Mount{{Destination: "/sys", Type: "bind", Source: "/sys", Options: []string{"rbind", "nosuid", "noexec", "nodev", "rro"}}}
	if resolvConf != "" {
		mounts = append(mounts, specs.Mount{Destination: "/etc/resolv.conf", Type: "bind", Source: resolvConf, Options: []string{"bind", "ro"}})
	}
	return mounts
}
