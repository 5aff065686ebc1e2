package seccomp

import (
	"slices"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// Values of seccomp_data.arch. linux/audit.h
const (
	AuditX86_64  = 0xc000003e
	AuditI386    = 0x40000003
	AuditAArch64 = 0xc00000b7
	AuditARM     = 0x40000028
)

// x32Bit marks the numbers of x32, which shares amd64's audit value.
const x32Bit = 0x40000000

// abi is one set of system calls that a machine takes.
type abi struct {
	name    oci.Arch
	numbers *[callCount]uint16
	base    uint32 // what is added to its numbers
	wide    bool   // arguments are 64 bits wide; otherwise the upper halves are none of theirs
	muxed   bool   // has socketcall and ipc
}

// Machine is what a kernel takes system calls from: its own architecture, and
// the older ones whose programs it runs as well.
type Machine struct {
	native, compat uint32 // audit values
	abis           [3]abi
	second         int // index of the first ABI under the compat value
}

// machineOf is the machine by Go's name of its architecture.
func machineOf(goarch string) (*Machine, bool) {
	switch goarch {
	case "amd64":
		return &amd64, true
	case "arm64":
		return &arm64, true
	}
	return nil, false
}

var (
	amd64 = Machine{native: AuditX86_64, compat: AuditI386, second: 2, abis: [3]abi{
		{name: oci.ArchX86_64, numbers: &numbersAMD64, wide: true},
		{name: oci.ArchX32, numbers: &numbersX32, base: x32Bit},
		{name: oci.ArchX86, numbers: &numbers386, muxed: true},
	}}
	arm64 = Machine{native: AuditAArch64, compat: AuditARM, second: 1, abis: [3]abi{
		{name: oci.ArchAARCH64, numbers: &numbersARM64, wide: true},
		{name: oci.ArchARM, numbers: &numbersARM},
	}}
)

// NativeAudit is the audit value of the machine's own architecture.
func NativeAudit(goarch string) uint32 {
	m, ok := machineOf(goarch)
	if !ok {
		return 0
	}
	return m.native
}

// Architectures are the names that keg knows on this kind of machine.
func Architectures(goarch string) []oci.Arch {
	m, _ := machineOf(goarch)
	var list []oci.Arch
	for i := range m.abis {
		if m.abis[i].numbers != nil {
			list = append(list, m.abis[i].name)
		}
	}
	return list
}

// included reports whether the profile is for the machine's ABI i. Its own is
// always: seccomp(2) knows no filter without. Of architectures that the machine
// cannot run no call will ever come.
func (m *Machine) included(i int, architectures []oci.Arch) bool {
	return m.abis[i].numbers != nil && (i == 0 || slices.Contains(architectures, m.abis[i].name))
}

// Numbers of arm's own calls. arch/arm/include/uapi/asm/unistd.h
const armBase = 0x0f0000

// numberOf is what the kernel calls an entry of the tables.
func (a *abi) numberOf(entry uint16) uint32 {
	if entry > privateARM {
		return armBase + uint32(entry-privateARM)
	}
	return a.base + uint32(entry)
}
