package plan

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/linux"
)

const everyNamespace = linux.CLONE_NEWNS | linux.CLONE_NEWPID | linux.CLONE_NEWNET | linux.CLONE_NEWIPC | linux.CLONE_NEWUTS | linux.CLONE_NEWCGROUP

// joins are the ways into a container, by the configuration and by how its
// init's namespaces differ from keg's.
var joins = map[string]struct {
	config string
	join   Join
	vary   func(*Input)
}{
	"default":            {"run", Join{Types: everyNamespace}, nil},
	"rootless":           {"rootless", Join{Types: everyNamespace | linux.CLONE_NEWUSER}, ordinaryUser},
	"cgroup_v1":          {"cgroup_v1", Join{Types: everyNamespace}, inputs["cgroup_v1"]},
	"no_pid_namespace":   {"run", Join{Types: linux.CLONE_NEWNS | linux.CLONE_NEWNET}, nil},
	"no_mount_namespace": {"no_mount_namespace", Join{Types: linux.CLONE_NEWPID, Root: true}, nil},
	"no_namespaces":      {"no_namespaces", Join{Root: true}, nil},
	"userns_rlimits":     {"rlimits_userns", Join{Types: everyNamespace | linux.CLONE_NEWUSER}, nil},
	"affinity":           {"run", Join{Types: everyNamespace}, affinity},
	"hook":               {"run", Join{Types: everyNamespace, Root: true, Path: "/usr/bin/hook", Plain: true}, nil},
}

func affinity(in *Input) {
	in.Spec.Process.ExecCPUAffinity = &oci.CPUAffinity{Initial: "0-2", Final: "7"}
}

// Each way into a container has a plan that a person has read.
func TestGoldenJoins(t *testing.T) {
	for name, c := range joins {
		t.Run(name, func(t *testing.T) {
			in := input(t, "testdata/"+c.config+"/config.json")
			in.Wait = false
			if c.vary != nil {
				c.vary(&in)
			}
			p, err := CompileJoin(in, c.join)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := p.Program.Link(p.SyncFD); err != nil {
				t.Fatal(err)
			}
			golden(t, filepath.Join("testdata/exec", name+".txt"), text(t, p, true))
		})
	}
	files, err := os.ReadDir("testdata/exec")
	if err != nil || len(files) != len(joins) {
		t.Errorf("%d golden files for %d plans, %v", len(files), len(joins), err)
	}
}

// What is open when the process is in the container is only what its program
// gets, and keg's socket: whatever joined and whatever was needed for it is
// closed before the process can be reached from inside (CVE-2016-9962,
// CVE-2024-21626).
func TestJoinClosesWhatItNeeded(t *testing.T) {
	for name, c := range joins {
		in := input(t, "testdata/"+c.config+"/config.json")
		in.Wait = false
		if c.vary != nil {
			c.vary(&in)
		}
		p, err := CompileJoin(in, c.join)
		if err != nil {
			t.Fatal(err)
		}
		order := strings.Join(callNames(p), " ")
		undumpable, joined := strings.Index(order, "PR_SET_DUMPABLE"), strings.Index(order, "setns")
		if c.join.Types != 0 && (joined < 0 || undumpable > joined) {
			t.Errorf("%s: it is dumpable when it joins: %s", name, order)
		}
		after := order[max(joined, strings.Index(order, "chroot")):]
		closed, cloned, execed := strings.Index(after, "close_range"), strings.Index(after, "clone "), strings.Index(after, "execve")
		if closed < 0 || closed > execed || cloned >= 0 && closed > cloned {
			t.Errorf("%s: descriptors are open for too long: %s", name, order)
		}
	}
}

// The procfs that labels are written through is the host's, of a process that
// joins: it is closed before that becomes the container's user.
func TestLabelsCloseProc(t *testing.T) {
	for _, config := range []string{"apparmor", "selinux"} {
		in := input(t, "testdata/"+config+"/config.json")
		in.Wait, in.Host.AppArmor, in.Host.SELinux = false, true, true
		p, err := CompileJoin(in, Join{Types: everyNamespace})
		if err != nil {
			t.Fatal(err)
		}
		order := text(t, p, true)
		if self, proc, user := strings.Index(order, "close(self)"), strings.Index(order, "close(proc)"), strings.Index(order, "setresuid("); self < 0 || proc < 0 || max(self, proc) > user {
			t.Errorf("%s: the process has the host's procfs when it becomes the user: %s", config, order)
		}
	}
}

func callNames(p *Plan) []string {
	var names []string
	for _, o := range p.Program.Ops() {
		name := o.Call.Name
		if name == "prctl" && o.Args[0].Address() == linux.PR_SET_DUMPABLE {
			name = "PR_SET_DUMPABLE"
		}
		names = append(names, name)
	}
	return names
}
