package main

import (
	"encoding/json"

	specs "github.com/opencontainers/runtime-spec/specs-go"
	"github.com/opencontainers/runtime-spec/specs-go/features"

	"github.com/keg-project/keg/cmd/keg/argv"
	"github.com/keg-project/keg/plan"
	"github.com/keg-project/keg/unit"
)

func featuresCommand() command {
	return command{
		name: "features", max: 0, audience: forEngines,
		short: "print what keg supports, as the OCI features document",
		long: "Engines read it before they use what not every runtime has.\n" +
			"https://github.com/opencontainers/runtime-spec/blob/main/features.md",
		setup: func(*argv.Set) action { return printFeatures },
	}
}

func printFeatures(c *call, _ argv.Args) (int, error) {
	data, err := json.MarshalIndent(supported(), "", "  ")
	if err != nil {
		return 1, err
	}
	return 0, c.print(append(data, '\n'))
}

// supported says what keg can do on any kernel; what this machine allows is
// not the document's subject.
// https://github.com/opencontainers/runtime-spec/blob/main/features.md
func supported() *features.Features {
	number, revision := buildVersion()
	return &features.Features{
		OCIVersionMin: "1.0.0",
		OCIVersionMax: specs.Version,
		Hooks:         []string{"prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"},
		MountOptions:  plan.MountOptions(),
		Linux:         supportedLinux(),
		// They change the root, the first process, and the unit (docs/annotations.md).
		PotentiallyUnsafeConfigAnnotations: []string{"org.keg.", unit.AnnotationProperty, unit.AnnotationSubgroup},
		Annotations: map[string]string{
			"io.github.keg-project.keg.version": number,
			"io.github.keg-project.keg.commit":  revision,
			// Podman's question; crun answers under this name as well.
			"org.opencontainers.runc.checkpoint.enabled": "true",
		},
	}
}

func supportedLinux() *features.Linux {
	yes := true
	modes, flags := plan.MemoryPolicies()
	return &features.Linux{
		Namespaces:      []string{"cgroup", "ipc", "mount", "network", "pid", "time", "user", "uts"},
		Capabilities:    plan.Capabilities(),
		Cgroup:          &features.Cgroup{V1: &yes, V2: &yes, Systemd: &yes, SystemdUser: &yes, Rdma: &yes},
		Seccomp:         supportedSeccomp(),
		Apparmor:        &features.Apparmor{Enabled: &yes},
		Selinux:         &features.Selinux{Enabled: &yes},
		IntelRdt:        &features.IntelRdt{Enabled: &yes, Schemata: &yes, Monitoring: &yes},
		MountExtensions: &features.MountExtensions{IDMap: &features.IDMap{Enabled: &yes}},
		MemoryPolicy:    &features.MemoryPolicy{Modes: modes, Flags: flags},
		NetDevices:      &features.NetDevices{Enabled: &yes},
	}
}

// supportedSeccomp is what profiles may say. The kernels that keg runs on know
// all flags but the last, which came with Linux 5.19.
func supportedSeccomp() *features.Seccomp {
	yes := true
	flags := []string{
		"SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW",
		"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV",
	}
	s := &features.Seccomp{Enabled: &yes, KnownFlags: flags, SupportedFlags: flags}
	s.Actions, s.Operators, s.Archs = plan.SeccompWords()
	return s
}
