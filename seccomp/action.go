package seccomp

import (
	"strconv"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// What a filter returns. seccomp(2); of these the least, as a signed number,
// is the strictest.
const (
	RetKillProcess = 0x80000000
	RetKillThread  = 0x00000000
	RetTrap        = 0x00030000
	RetErrno       = 0x00050000
	RetNotify      = 0x7fc00000
	RetTrace       = 0x7ff00000
	RetLog         = 0x7ffc0000
	RetAllow       = 0x7fff0000

	retAction = 0xffff0000
	retData   = 0x0000ffff
)

const (
	eperm  = 1
	enosys = 38
)

var actions = [...]struct {
	name oci.LinuxSeccompAction
	ret  uint32
}{
	{oci.ActAllow, RetAllow}, {oci.ActErrno, RetErrno}, {oci.ActKill, RetKillThread},
	{oci.ActKillProcess, RetKillProcess}, {oci.ActKillThread, RetKillThread}, {oci.ActTrap, RetTrap},
	{oci.ActTrace, RetTrace}, {oci.ActLog, RetLog}, {oci.ActNotify, RetNotify},
}

// returnOf is what a filter returns for an action. "The default is EPERM."
// runtime-spec config-linux.md#seccomp, errnoRet
func returnOf(action oci.LinuxSeccompAction, errno *uint) (uint32, bool) {
	for _, a := range actions {
		if a.name != action {
			continue
		}
		if a.ret != RetErrno && a.ret != RetTrace {
			return a.ret, true
		}
		if errno == nil {
			return a.ret | eperm, true
		}
		return a.ret | uint32(*errno)&retData, true
	}
	return 0, false
}

// Action is what a return value means, without its data.
func Action(ret uint32) uint32 { return ret & retAction }

// Permits reports whether the call is made, maybe after someone was asked.
func Permits(ret uint32) bool {
	switch Action(ret) {
	case RetAllow, RetLog, RetNotify:
		return true
	}
	return false // a tracer that would permit it there is not
}

// Stricter reports whether the kernel prefers a to b. seccomp(2)
func Stricter(a, b uint32) bool { return int32(Action(a)) < int32(Action(b)) }

// Describe names a return value: "ERRNO(1)", "ALLOW".
func Describe(ret uint32) string {
	for _, a := range actions {
		if a.ret != Action(ret) || a.name == oci.ActKill {
			continue
		}
		name := string(a.name)[len("SCMP_ACT_"):]
		if a.ret == RetErrno || a.ret == RetTrace {
			name += "(" + strconv.Itoa(int(ret&retData)) + ")"
		}
		return name
	}
	return "0x" + strconv.FormatUint(uint64(ret), 16)
}
