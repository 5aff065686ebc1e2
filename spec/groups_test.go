package spec

import (
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// More groups than a process can have are not for the kernel to refuse, whose
// EINVAL says as well that an id is not mapped.
func TestTooManyGroups(t *testing.T) {
	s := &oci.Spec{Process: &oci.Process{User: oci.User{AdditionalGids: make([]uint32, 65537)}}}
	const want = "process.user.additionalGids: found 65537 groups; allowed: at most 65536"
	if err := Validate(s); err == nil || !strings.Contains(err.Error(), want) {
		t.Error(err)
	}
	s.Process.User.AdditionalGids = s.Process.User.AdditionalGids[1:]
	if err := Validate(s); err != nil && strings.Contains(err.Error(), "additionalGids") {
		t.Error(err)
	}
}
