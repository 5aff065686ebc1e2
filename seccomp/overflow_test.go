package seccomp

import (
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// A profile of more rules than the tables count is refused like any that is too
// long. It is not one with the first rules left out.
func TestTooManyRules(t *testing.T) {
	p := oci.LinuxSeccomp{DefaultAction: oci.ActAllow}
	for i := range uint64(1<<16 + 10) {
		p.Syscalls = append(p.Syscalls, oci.LinuxSyscall{
			Names: []string{"personality"}, Action: oci.ActErrno,
			Args: []oci.LinuxSeccompArg{{Index: 0, Value: i, Op: oci.OpEqualTo}},
		})
	}
	if _, err := Compile(&p, Options{Arch: "amd64"}); err == nil || !strings.Contains(err.Error(), "too many rules") {
		t.Errorf("it was compiled: %v", err)
	}
}
