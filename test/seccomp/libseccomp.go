// Package seccomp compiles profiles with libseccomp, to compare its filters with
// keg's. It is a module of its own: it needs cgo and libseccomp-dev, which
// nothing that ships may.
//
// It is not for profiles themselves: they are made by the tests.
package seccomp

// #cgo LDFLAGS: -lseccomp
// #include <errno.h>
// #include <stdlib.h>
// #include <unistd.h>
// #include <seccomp.h>
//
// static uint32_t act(uint32_t action, uint32_t data) { return action | (data & 0xffff); }
import "C"

import (
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"syscall"
	"unsafe"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/seccomp"
)

var archs = map[oci.Arch]C.uint32_t{
	oci.ArchX86_64: C.SCMP_ARCH_X86_64, oci.ArchX86: C.SCMP_ARCH_X86, oci.ArchX32: C.SCMP_ARCH_X32,
	oci.ArchAARCH64: C.SCMP_ARCH_AARCH64, oci.ArchARM: C.SCMP_ARCH_ARM,
}

var actions = map[oci.LinuxSeccompAction]C.uint32_t{
	oci.ActKill: C.SCMP_ACT_KILL, oci.ActKillProcess: C.SCMP_ACT_KILL_PROCESS, oci.ActKillThread: C.SCMP_ACT_KILL_THREAD,
	oci.ActTrap: C.SCMP_ACT_TRAP, oci.ActErrno: 0x00050000, oci.ActTrace: 0x7ff00000, oci.ActLog: C.SCMP_ACT_LOG,
	oci.ActAllow: C.SCMP_ACT_ALLOW, oci.ActNotify: C.SCMP_ACT_NOTIFY,
}

var operators = map[oci.LinuxSeccompOperator]uint32{
	oci.OpNotEqual: C.SCMP_CMP_NE, oci.OpLessThan: C.SCMP_CMP_LT, oci.OpLessEqual: C.SCMP_CMP_LE, oci.OpEqualTo: C.SCMP_CMP_EQ,
	oci.OpGreaterEqual: C.SCMP_CMP_GE, oci.OpGreaterThan: C.SCMP_CMP_GT, oci.OpMaskedEqual: C.SCMP_CMP_MASKED_EQ,
}

func action(a oci.LinuxSeccompAction, errno *uint) C.uint32_t {
	ret := actions[a]
	if a == oci.ActErrno || a == oci.ActTrace {
		data := C.uint32_t(syscall.EPERM)
		if errno != nil {
			data = C.uint32_t(*errno)
		}
		return C.act(ret, data)
	}
	return ret
}

// Number is libseccomp's number of a call; negative if it has none there.
func Number(arch oci.Arch, name string) int {
	s := C.CString(name)
	defer C.free(unsafe.Pointer(s))
	return int(C.seccomp_syscall_resolve_name_arch(archs[arch], s))
}

// Compile makes libseccomp's filter of a profile, as runc has it made, for a
// machine of the native architecture. tree asks for its binary tree.
func Compile(p *oci.LinuxSeccomp, native oci.Arch, tree bool) ([]seccomp.Instruction, error) {
	deflt := action(p.DefaultAction, p.DefaultErrnoRet)
	ctx := C.seccomp_init(deflt)
	defer C.seccomp_release(ctx)
	if tree {
		if rc := C.seccomp_attr_set(ctx, C.SCMP_FLTATR_CTL_OPTIMIZE, 2); rc != 0 {
			return nil, fmt.Errorf("SCMP_FLTATR_CTL_OPTIMIZE: %w", syscall.Errno(-rc))
		}
	}
	for _, a := range append([]oci.Arch{native}, p.Architectures...) {
		if rc := C.seccomp_arch_add(ctx, archs[a]); rc != 0 && rc != -C.EEXIST {
			return nil, fmt.Errorf("%s: %w", a, syscall.Errno(-rc))
		}
	}
	if native != oci.ArchX86_64 {
		C.seccomp_arch_remove(ctx, C.SCMP_ARCH_X86_64)
	}
	for i := range p.Syscalls {
		if err := addEntry(ctx, &p.Syscalls[i], deflt); err != nil {
			return nil, fmt.Errorf("syscalls[%d]: %w", i, err)
		}
	}
	return export(ctx)
}

func addEntry(ctx C.scmp_filter_ctx, e *oci.LinuxSyscall, deflt C.uint32_t) error {
	ret := action(e.Action, e.ErrnoRet)
	if ret == deflt {
		return nil
	}
	count, twice := map[uint]int{}, false
	args := make([]C.struct_scmp_arg_cmp, len(e.Args))
	for i, a := range e.Args {
		args[i].arg, args[i].op = C.uint(a.Index), operators[a.Op]
		args[i].datum_a, args[i].datum_b = C.scmp_datum_t(a.Value), C.scmp_datum_t(a.ValueTwo)
		count[a.Index]++
		twice = twice || count[a.Index] > 1
	}
	for _, name := range e.Names {
		s := C.CString(name)
		n := C.seccomp_syscall_resolve_name(s)
		C.free(unsafe.Pointer(s))
		if n == C.__NR_SCMP_ERROR {
			continue
		}
		if !twice {
			if err := addRule(ctx, ret, n, args); err != nil {
				return err
			}
			continue
		}
		for i := range args {
			if err := addRule(ctx, ret, n, args[i:i+1]); err != nil {
				return err
			}
		}
	}
	return nil
}

func addRule(ctx C.scmp_filter_ctx, ret C.uint32_t, n C.int, args []C.struct_scmp_arg_cmp) error {
	var first *C.struct_scmp_arg_cmp
	if len(args) > 0 {
		first = &args[0]
	}
	if rc := C.seccomp_rule_add_array(ctx, ret, n, C.uint(len(args)), first); rc != 0 {
		return syscall.Errno(-rc)
	}
	return nil
}

func export(ctx C.scmp_filter_ctx) ([]seccomp.Instruction, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	text := make(chan []byte)
	go func() {
		data, _ := io.ReadAll(r)
		text <- data
	}()
	rc := C.seccomp_export_bpf(ctx, C.int(w.Fd()))
	w.Close()
	data := <-text
	if rc != 0 {
		return nil, fmt.Errorf("export: %w", syscall.Errno(-rc))
	}
	code := make([]seccomp.Instruction, len(data)/8)
	for i := range code {
		p := data[8*i:]
		code[i] = seccomp.Instruction{Code: binary.NativeEndian.Uint16(p), Jt: p[2], Jf: p[3], K: binary.NativeEndian.Uint32(p[4:])}
	}
	return code, nil
}
