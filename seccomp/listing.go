package seccomp

import oci "github.com/opencontainers/runtime-spec/specs-go"

// Names are all names of system calls that keg knows.
func Names() []string {
	list := make([]string, callCount)
	for i := range list {
		list[i] = callName(i)
	}
	return list
}

// Numbers are the system calls of one of a machine's architectures.
func Numbers(goarch string, arch oci.Arch) map[string]uint32 {
	m, _ := machineOf(goarch)
	list := make(map[string]uint32, callCount)
	for i := range m.abis {
		if a := &m.abis[i]; a.name == arch {
			for k, entry := range a.numbers {
				if entry < multiplexed {
					list[callName(k)] = a.numberOf(entry)
				}
			}
		}
	}
	return list
}

// Actions are the actions that a profile may have.
func Actions() []string {
	list := make([]string, len(actions))
	for i, a := range actions {
		list[i] = string(a.name)
	}
	return list
}

// Operators are what a profile may compare arguments by.
func Operators() []string {
	list := make([]string, len(operators))
	for i, o := range operators {
		list[i] = string(o.name)
	}
	return list
}
