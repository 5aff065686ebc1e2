package cri

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

var volumes = []scenario{
	{Name: "volumes: a directory, read-only, a single file", Run: mounted},
	{Name: "mount propagation: private, HostToContainer, Bidirectional", Run: propagated},
	{Name: "devices with their permissions", Run: devices},
}

func volume(m *cri.Mount) wish {
	return func(c *cri.ContainerConfig) { c.Mounts = append(c.Mounts, m) }
}

func mounted(t testing.TB, n *node) {
	hosts := n.write(t, "volumes/hosts", "127.0.0.1 localhost\n")
	n.write(t, "volumes/secret/token", "abc\n")
	p := n.pod(t)
	data := filepath.Join(n.dir, "volumes/data")
	must(t, os.Mkdir(data, 0o777))
	c := p.idle(t,
		volume(&cri.Mount{ContainerPath: "/etc/hosts", HostPath: hosts}),
		volume(&cri.Mount{ContainerPath: "/var/run/secrets", HostPath: filepath.Join(n.dir, "volumes/secret"), Readonly: true}),
		volume(&cri.Mount{ContainerPath: "/var/data", HostPath: data}))
	c.prints(t, "cat /etc/hosts", "127.0.0.1 localhost", "cat /var/run/secrets/token", "abc", "echo written > /var/data/file", "")
	if said := c.fails(t, "echo x > /var/run/secrets/token"); !strings.Contains(said, "Read-only file system") {
		t.Error(said)
	}
	if text, err := os.ReadFile(filepath.Join(data, "file")); string(text) != "written\n" {
		t.Errorf("%q, %v", text, err)
	}
	must(t, os.RemoveAll(filepath.Join(n.dir, "volumes")))
}

// propagated: what a storage driver's container mounts is there for the node and for
// those that asked for it.
func propagated(t testing.TB, n *node) {
	shared := filepath.Join(n.dir, "shared")
	p := n.pod(t, func(c *cri.PodSandboxConfig) { c.Linux.SecurityContext.Privileged = true })
	at := func(how cri.MountPropagation) wish {
		return volume(&cri.Mount{ContainerPath: "/shared", HostPath: shared, Propagation: how})
	}
	private := p.idle(t, at(cri.MountPropagation_PROPAGATION_PRIVATE))
	receiving := p.idle(t, at(cri.MountPropagation_PROPAGATION_HOST_TO_CONTAINER))
	driver := p.idle(t, at(cri.MountPropagation_PROPAGATION_BIDIRECTIONAL), privileged)

	driver.output(t, "mkdir /shared/disk && mount -t tmpfs disk /shared/disk && echo data > /shared/disk/file")
	receiving.prints(t, "cat /shared/disk/file", "data")
	private.prints(t, "ls /shared/disk", "")
	if !slices.Contains(n.mounts(t), shared+"/disk") {
		t.Error("the node does not see what the driver mounted")
	}
	driver.output(t, "umount /shared/disk && rmdir /shared/disk")
	if slices.Contains(n.mounts(t), shared+"/disk") {
		t.Error("the node still has what the driver unmounted")
	}
	receiving.output(t, "mkdir /shared/own && test ! -e /shared/disk")
	if said := receiving.fails(t, "mount -t tmpfs own /shared/own"); !strings.Contains(said, "denied") && !strings.Contains(said, "not permitted") {
		t.Error(said)
	}
	driver.output(t, "rmdir /shared/own")
}

func devices(t testing.TB, n *node) {
	c := n.pod(t).idle(t, func(c *cri.ContainerConfig) {
		c.Devices = []*cri.Device{
			{ContainerPath: "/dev/readable", HostPath: "/dev/loop-control", Permissions: "r"},
			{ContainerPath: "/dev/usable", HostPath: "/dev/fuse", Permissions: "rwm"},
		}
	})
	c.prints(t, "exec 3<>/dev/usable && echo open", "open", "exec 3</dev/readable && echo open", "open")
	for _, text := range []string{"exec 3<>/dev/readable", "mknod /tmp/d c 10 237 && exec 3<>/tmp/d"} {
		if said := c.fails(t, text); !strings.Contains(said, "not permitted") {
			t.Errorf("%s: %s", text, said)
		}
	}
}
