package cri

import (
	"strings"
	"testing"

	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

var users = []scenario{
	{Name: "runAsUser, runAsGroup, supplementalGroups, a user by name", Run: identities},
	{Name: "command, args, environment and working directory, of the image and the pod", Run: processes},
	{Name: "capabilities: dropped, added, the default", Run: capabilities},
	{Name: "a privileged container", Run: privilegedContainer},
}

func secured(wish func(*cri.LinuxContainerSecurityContext)) wish {
	return func(c *cri.ContainerConfig) { wish(c.Linux.SecurityContext) }
}

func identities(t testing.TB, n *node) {
	p := n.pod(t)
	p.idle(t, secured(func(s *cri.LinuxContainerSecurityContext) {
		s.RunAsUser, s.RunAsGroup = &cri.Int64Value{Value: 1234}, &cri.Int64Value{Value: 5678}
		s.SupplementalGroups = []int64{2000, 3000}
	})).prints(t, "id -u", "1234", "id -g", "5678", "id -G", "5678 2000 3000", "grep ^Groups: /proc/1/status | cut -f2 | xargs", "2000 3000 5678", "stat -c %u /proc/1", "1234", "echo $HOME", "/")
	p.idle(t, secured(func(s *cri.LinuxContainerSecurityContext) {
		s.RunAsUsername = "user"
	})).prints(t, "id -u", "1000", "id -g", "1000", "echo $HOME", "/home/user")
}

func processes(t testing.TB, n *node) {
	p := n.pod(t)
	p.idle(t).prints(t, "pwd", "/data", "echo $FROM", "image")
	c := p.run(t, script(`echo "$0 $1 $FROM $MORE $(pwd)" > /dev/shm/out; exec sleep 1000`), func(c *cri.ContainerConfig) {
		c.Args = []string{"zero", "one"}
		c.WorkingDir = "/made/for/it"
		c.Envs = []*cri.KeyValue{{Key: "FROM", Value: []byte("pod")}, {Key: "MORE", Value: []byte("a = 'b'")}}
	})
	eventually(t, "output", func() (any, bool) {
		r, err := c.probe(60, "cat", "/dev/shm/out")
		return err, err == nil && string(r.Stdout) == "zero one pod a = 'b' /made/for/it\n"
	})
	c.prints(t, "pwd", "/made/for/it", "echo $MORE", "a = 'b'")
}

// field is a line of a process's status.
func (c *container) field(t testing.TB, name string) string {
	t.Helper()
	return c.output(t, "grep ^"+name+": /proc/self/status | cut -f2")
}

func capabilities(t testing.TB, n *node) {
	p := n.pod(t)
	cases := []struct {
		add, drop []string
		want      string
	}{
		{nil, nil, "00000000a80425fb"},
		{nil, []string{"ALL"}, "0000000000000000"},
		{[]string{"NET_ADMIN"}, []string{"ALL"}, "0000000000001000"},
		{[]string{"SYS_TIME"}, []string{"CHOWN", "MKNOD"}, "00000000a20425fa"},
	}
	for _, x := range cases {
		c := p.idle(t, secured(func(s *cri.LinuxContainerSecurityContext) {
			s.Capabilities = &cri.Capability{AddCapabilities: x.add, DropCapabilities: x.drop}
		}))
		for _, set := range []string{"CapEff", "CapPrm", "CapBnd"} {
			if got := c.field(t, set); got != x.want {
				t.Errorf("add %v, drop %v: %s is %s, want %s", x.add, x.drop, set, got, x.want)
			}
		}
		c.prints(t, "grep ^CapEff: /proc/1/status | cut -f2", x.want)
	}
}

// privileged is what a manifest calls so.
func privileged(c *cri.ContainerConfig) {
	s := c.Linux.SecurityContext
	s.Privileged, s.MaskedPaths, s.ReadonlyPaths = true, []string{}, []string{}
}

func privilegedContainer(t testing.TB, n *node) {
	p := n.pod(t, func(c *cri.PodSandboxConfig) { c.Linux.SecurityContext.Privileged = true })
	c := p.idle(t, privileged)
	own := strings.TrimSpace(n.say(t, "sh", "-c", "grep ^CapEff: /proc/self/status | cut -f2"))
	if got := c.field(t, "CapEff"); got != own {
		t.Errorf("capabilities %s, the node's are %s", got, own)
	}
	if got := c.field(t, "Seccomp"); got != "0" {
		t.Errorf("Seccomp: %s", got)
	}
	c.prints(t,
		"exec 3<>/dev/fuse && echo open", "open",
		"mount -t tmpfs m /data && umount /data && echo mounted", "mounted",
		"echo 1 > /proc/sys/net/ipv4/ip_forward && cat /proc/sys/net/ipv4/ip_forward", "1",
		"test -w /sys/kernel && echo writable", "writable")
}
