package container

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/plan"
)

func TestConfinementStatus(t *testing.T) {
	const good = "State:\tt (tracing stop)\nNoNewPrivs:\t1\nSeccomp:\t2\nSeccomp_filters:\t2\n" +
		"CapInh:\t0\nCapPrm:\t0000000000000020\nCapEff:\t0000000000000020\nCapBnd:\t0000000000000020\nCapAmb:\t0\n"
	c := confinement{Confinement: plan.Confinement{Filter: true, NoNewPrivileges: true, Bounding: 0x20, Capabilities: 0x20}, filters: 1}
	for _, tt := range []struct{ old, new, want string }{
		{"", "", ""},
		{"filters:\t2", "filters:\t1", "linux.seccomp Seccomp_filters 1"},
		{"Seccomp_filters:\t2\n", "", "linux.seccomp Seccomp_filters 0"},
		{"NoNewPrivs:\t1", "NoNewPrivs:\t0", "process.noNewPrivileges NoNewPrivs 0"},
		{"CapInh:\t0", "CapInh:\t1", "process.capabilities.inheritable CapInh 1, with CAP_CHOWN"},
		{"CapPrm:\t0000000000000020", "CapPrm:\t21", "process.capabilities.permitted CapPrm 21, with CAP_CHOWN"},
		{"CapEff:\t0000000000000020", "CapEff:\t21", "process.capabilities.effective CapEff 21, with CAP_CHOWN"},
		{"CapBnd:\t0000000000000020", "CapBnd:\t21", "process.capabilities.bounding CapBnd 21, with CAP_CHOWN"},
		{"CapAmb:\t0", "CapAmb:\t1", "process.capabilities.ambient CapAmb 1, with CAP_CHOWN"},
		{"CapBnd:\t0000000000000020\n", "", "process.capabilities.bounding CapBnd , with 0"},
	} {
		got := ""
		if d := c.status(linux.ProcStatus(strings.Replace(good, tt.old, tt.new, 1))); d != nil {
			got = d.field + " " + d.what + " " + d.got
		}
		if got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.new, got, tt.want)
		}
	}
	if d := new(confinement).status(linux.ProcStatus("CapBnd:\t0\nCapPrm:\t0\nCapEff:\t0\nCapInh:\t0\nCapAmb:\t0\n")); d != nil {
		t.Errorf("nothing is demanded, got %v", d)
	}
}

// A real process, of which one thing at a time is not as it should be.
func TestConfinementCheck(t *testing.T) {
	cmd := exec.Command("sleep", "1000")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		cmd.Process.Kill()
		cmd.Wait()
	}()
	own, err := linux.NamespaceInode(os.Getpid(), "net")
	if err != nil {
		t.Fatal(err)
	}
	net := plan.Joined{Field: "linux.namespaces[0].path", Path: "/n", Kind: linux.CLONE_NEWNET}
	for _, tt := range []struct {
		name   string
		change func(*confinement)
		want   string
	}{
		{"as it is", func(*confinement) {}, ""},
		{"the joined one", func(c *confinement) { c.Joined, c.joined = []plan.Joined{net}, []uint64{own} }, ""},
		{"another one", func(c *confinement) { c.Joined, c.joined = []plan.Joined{net}, []uint64{1} }, ", and must be 1, that of /n"},
		{"keg's", func(c *confinement) { c.Private = linux.CLONE_NEWIPC }, "linux.namespaces: process "},
		{"ids", func(c *confinement) { c.Maps = &plan.IDMaps{UID: []plan.IDMapping{{HostID: 7, Size: 1}}} }, "linux.uidMappings: process "},
	} {
		c := confinement{Confinement: plan.Confinement{Bounding: ^uint64(0), Capabilities: ^uint64(0)}, init: cmd.Process.Pid}
		tt.change(&c)
		if err := c.readOwn(os.Getpid()); err != nil {
			t.Fatal(err)
		}
		err := c.check(cmd.Process.Pid)
		if err == nil && tt.want != "" || err != nil && (tt.want == "" || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		}
	}
}

// Long maps are told in another order than they were written in.
func TestMapLines(t *testing.T) {
	got := mapLines([]plan.IDMapping{{ContainerID: 5, HostID: 6, Size: 7}, {HostID: 100, Size: 5}})
	if strings.Join(got, ", ") != "0 100 5, 5 6 7" {
		t.Errorf("got %q", got)
	}
}

func TestReadLabel(t *testing.T) {
	name := filepath.Join(t.TempDir(), "current")
	for text, want := range map[string]string{"p (enforce)\n": "p", "p//hat (complain)": "p//hat", "u:r:t:s0\x00": "u:r:t:s0", "unconfined\n": "unconfined"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := readLabel(name+"x", name); got != want || err != nil {
			t.Errorf("%q: got %q, %v", text, got, err)
		}
	}
	if _, err := readLabel(name + "x"); err == nil {
		t.Error("no file is no error")
	}
	for label, want := range map[string]bool{"p": true, "p//hat": true, "pp": false, "": false, "unconfined": false} {
		if got := underProfile(label, "p"); got != want {
			t.Errorf("%q is under p: %v", label, got)
		}
	}
}
