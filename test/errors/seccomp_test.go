package errors

import oci "github.com/opencontainers/runtime-spec/specs-go"

// seccompCases are profiles that cannot be loaded, or that stop keg itself.
func seccompCases() []broken {
	return []broken{
		profile("a profile stops execve", oci.LinuxSyscall{Names: []string{"execve"}, Action: oci.ActKillProcess}),
		change("a profile stops capset", func(s *oci.Spec) {
			s.Process.NoNewPrivileges = false
			s.Linux.Seccomp = allowAllBut(oci.LinuxSyscall{Names: []string{"capset"}, Action: oci.ActErrno})
		}),
		change("a profile allows nothing", func(s *oci.Spec) { s.Linux.Seccomp = &oci.LinuxSeccomp{DefaultAction: oci.ActKill} }),
		change("an unknown system call where those are errors", func(s *oci.Spec) {
			s.Annotations = map[string]string{"run.oci.seccomp_fail_unknown_syscall": "1"}
			s.Linux.Seccomp = allowAllBut(oci.LinuxSyscall{Names: []string{"getpgid", "getpgidd"}, Action: oci.ActErrno})
		}),
		profile("an unknown action", oci.LinuxSyscall{Names: []string{"getpgid"}, Action: "SCMP_ACT_REFUSE"}),
		profile("an argument that no call has", oci.LinuxSyscall{Names: []string{"getpgid"}, Action: oci.ActErrno,
			Args: []oci.LinuxSeccompArg{{Index: 6, Op: oci.OpEqualTo}}}),
		profile("nobody to notify", oci.LinuxSyscall{Names: []string{"getpgid"}, Action: oci.ActNotify}),
		change("nobody listens", func(s *oci.Spec) {
			s.Linux.Seccomp = allowAllBut(oci.LinuxSyscall{Names: []string{"getpgid"}, Action: oci.ActNotify})
			s.Linux.Seccomp.ListenerPath = "/nowhere/agent.sock"
		}),
		change("a profile of too many conditions", func(s *oci.Spec) {
			s.Linux.Seccomp = allowAllBut()
			for v := range uint64(2000) {
				s.Linux.Seccomp.Syscalls = append(s.Linux.Seccomp.Syscalls, oci.LinuxSyscall{Names: []string{"getpgid"}, Action: oci.ActErrno,
					Args: []oci.LinuxSeccompArg{{Index: 0, Op: oci.OpEqualTo, Value: v}}})
			}
		}),
	}
}

func allowAllBut(rules ...oci.LinuxSyscall) *oci.LinuxSeccomp {
	return &oci.LinuxSeccomp{DefaultAction: oci.ActAllow, Syscalls: rules}
}

func profile(name string, rule oci.LinuxSyscall) broken {
	return change(name, func(s *oci.Spec) { s.Linux.Seccomp = allowAllBut(rule) })
}
