package seccomp

import (
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/seccomp"
)

var machines = map[string][]oci.Arch{
	"amd64": {oci.ArchX86_64, oci.ArchX32, oci.ArchX86},
	"arm64": {oci.ArchAARCH64, oci.ArchARM},
}

// Where both know a number it is the same one, and keg lacks none.
func TestTables(t *testing.T) {
	for goarch, list := range machines {
		for _, arch := range list {
			numbers, compared := seccomp.Numbers(goarch, arch), 0
			for name, n := range numbers {
				theirs := Number(arch, name)
				switch {
				case theirs < 0: // newer, or one of those that socketcall is for as well
				case uint32(theirs) != n:
					t.Errorf("%s %s: %d, libseccomp says %d", arch, name, n, theirs)
				default:
					compared++
				}
			}
			for _, name := range seccomp.Names() {
				if _, ok := numbers[name]; !ok && Number(arch, name) >= 0 {
					t.Errorf("%s %s: none, libseccomp says %d", arch, name, Number(arch, name))
				}
			}
			if compared < 280 {
				t.Errorf("%s: only %d calls that libseccomp knows too", arch, compared)
			}
		}
	}
}
