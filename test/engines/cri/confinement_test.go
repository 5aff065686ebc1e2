package cri

import (
	"strings"
	"testing"

	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

var confinement = []scenario{
	{Name: "readOnlyRootFilesystem with writable volumes", Run: readOnlyRoot},
	{Name: "seccomp: Unconfined, RuntimeDefault, Localhost", Run: seccomp},
	{Name: "allowPrivilegeEscalation: false", Run: noNewPrivileges},
	{Name: "masked and read-only paths; procMount: Unmasked", Run: procMount},
}

func readOnlyRoot(t testing.TB, n *node) {
	p := n.pod(t)
	volumeDir := n.write(t, "empty/.keep", "")
	c := p.idle(t, volume(&cri.Mount{ContainerPath: "/cache", HostPath: strings.TrimSuffix(volumeDir, "/.keep")}),
		secured(func(s *cri.LinuxContainerSecurityContext) { s.ReadonlyRootfs = true }))
	for _, file := range []string{"/file", "/tmp/file", "/etc/passwd"} {
		if said := c.fails(t, "echo x >> "+file); !strings.Contains(said, "Read-only file system") {
			t.Errorf("%s: %s", file, said)
		}
	}
	c.prints(t, "echo y > /cache/file && cat /cache/file", "y", "echo z > /dev/shm/file && cat /dev/shm/file", "z")
}

const profile = `{
	"defaultAction": "SCMP_ACT_ALLOW",
	"syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 52}]
}`

func seccomp(t testing.TB, n *node) {
	p := n.pod(t)
	with := func(profile *cri.SecurityProfile) *container {
		return p.idle(t, secured(func(s *cri.LinuxContainerSecurityContext) { s.Seccomp = profile }))
	}
	c := with(&cri.SecurityProfile{ProfileType: cri.SecurityProfile_Unconfined})
	c.prints(t, "grep ^Seccomp: /proc/1/status | cut -f2", "0", "mkdir /tmp/d && echo made", "made")
	if got := c.field(t, "Seccomp"); got != "0" {
		t.Errorf("exec without a filter: %s", got)
	}

	c = with(&cri.SecurityProfile{ProfileType: cri.SecurityProfile_RuntimeDefault})
	c.prints(t, "grep ^Seccomp: /proc/1/status | cut -f2", "2", "mkdir /tmp/d && echo made", "made")
	if said := c.fails(t, "unshare -U true"); !strings.Contains(said, "not permitted") {
		t.Errorf("RuntimeDefault: %s", said)
	}

	c = with(&cri.SecurityProfile{ProfileType: cri.SecurityProfile_Localhost, LocalhostRef: n.write(t, "seccomp/profile.json", profile)})
	c.prints(t, "grep ^Seccomp: /proc/1/status | cut -f2", "2", "unshare -U true && echo unshared", "unshared")
	if said := c.fails(t, "mkdir /tmp/d"); !strings.Contains(said, "Invalid exchange") {
		t.Errorf("Localhost: %s", said)
	}
}

func noNewPrivileges(t testing.TB, n *node) {
	p := n.pod(t)
	for want, forbidden := range map[string]bool{"0": false, "1": true} {
		c := p.idle(t, secured(func(s *cri.LinuxContainerSecurityContext) { s.NoNewPrivs = forbidden }))
		c.prints(t, "grep ^NoNewPrivs: /proc/1/status | cut -f2", want)
		if got := c.field(t, "NoNewPrivs"); got != want {
			t.Errorf("exec: NoNewPrivs is %s, want %s", got, want)
		}
	}
}

func procMount(t testing.TB, n *node) {
	p := n.pod(t)
	c := p.idle(t)
	c.prints(t, "head -c 10 /proc/timer_list | wc -c", "0", "ls /sys/firmware", "")
	if said := c.fails(t, "echo 0 > /proc/sys/kernel/shm_rmid_forced"); !strings.Contains(said, "Read-only file system") {
		t.Error(said)
	}
	open := p.idle(t, secured(func(s *cri.LinuxContainerSecurityContext) { s.MaskedPaths, s.ReadonlyPaths = []string{}, []string{} }))
	open.prints(t, "head -c 10 /proc/timer_list | wc -c", "10", "echo 0 > /proc/sys/kernel/shm_rmid_forced && echo written", "written")
}
