package linux

import (
	"bytes"
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Programs of cgroups that decide on devices. bpf(2); the structs are parts of
// union bpf_attr in linux/bpf.h

type bpfLoad struct {
	kind, count       uint32
	code, license     unsafe.Pointer
	logLevel, logSize uint32
	log               unsafe.Pointer
	_, _              uint32 // of which kernel, flags
	name              [16]byte
	_                 uint32 // a network device
	attachesFor       uint32
}

type bpfAttach struct{ target, program, kind, flags, replaced uint32 }

type bpfQuery struct {
	target, kind uint32
	_, _         uint32 // flags of the query and of what is attached
	ids          unsafe.Pointer
	count, _     uint32
}

type bpfInfoOf struct {
	fd, size uint32
	info     unsafe.Pointer
}

// bpfInfo is struct bpf_prog_info as far as its name.
type bpfInfo struct {
	_    [64]byte
	name [16]byte
}

func bpf[T any](command uintptr, attr *T) (int, error) {
	for tries := 0; ; tries++ {
		n, _, errno := unix.Syscall(unix.SYS_BPF, command, uintptr(unsafe.Pointer(attr)), unsafe.Sizeof(*attr))
		switch {
		case errno == 0:
			return int(n), nil
		case errno == unix.EINTR, errno == unix.EAGAIN && tries < 10: // a signal stopped the verifier
		default:
			return -1, errno
		}
	}
}

// LoadDeviceProgram loads a program of type BPF_PROG_TYPE_CGROUP_DEVICE and
// returns its descriptor. What the verifier refuses it explains in the error.
func LoadDeviceProgram(name string, code []uint64) (int, error) {
	attr := bpfLoad{
		kind: unix.BPF_PROG_TYPE_CGROUP_DEVICE, attachesFor: unix.BPF_CGROUP_DEVICE,
		code: unsafe.Pointer(unsafe.SliceData(code)), count: uint32(len(code)),
		license: unsafe.Pointer(unsafe.StringData("Apache-2.0\x00")),
	}
	copy(attr.name[:15], name)
	fd, err := bpf(unix.BPF_PROG_LOAD, &attr)
	if err == nil || err == unix.EPERM {
		return fd, os.NewSyscallError("bpf(BPF_PROG_LOAD)", err)
	}
	log := make([]byte, 1<<16)
	attr.logLevel, attr.logSize, attr.log = 1, uint32(len(log)), unsafe.Pointer(&log[0])
	if fd, again := bpf(unix.BPF_PROG_LOAD, &attr); again == nil {
		return fd, nil
	}
	err = os.NewSyscallError("bpf(BPF_PROG_LOAD)", err)
	if log, _, _ := bytes.Cut(log, []byte{0}); len(log) > 0 {
		err = fmt.Errorf("%w: the verifier says: %s", err, bytes.TrimSpace(log))
	}
	return -1, err
}

// AttachDeviceProgram attaches a program to the cgroup, beside those that are
// there already, or at once in the place of one of them, if replaced is not -1.
func AttachDeviceProgram(cgroup, program, replaced int) error {
	attr := bpfAttach{target: uint32(cgroup), program: uint32(program), kind: unix.BPF_CGROUP_DEVICE, flags: unix.BPF_F_ALLOW_MULTI}
	if replaced >= 0 {
		attr.flags |= unix.BPF_F_REPLACE
		attr.replaced = uint32(replaced)
	}
	_, err := bpf(unix.BPF_PROG_ATTACH, &attr)
	return os.NewSyscallError("bpf(BPF_PROG_ATTACH)", err)
}

// DevicePrograms opens the programs of that name which are attached to the
// cgroup itself. The caller closes them.
func DevicePrograms(cgroup int, name string) (fds []int, err error) {
	var ids [64]uint32 // the kernel's own limit for one cgroup
	attr := bpfQuery{target: uint32(cgroup), kind: unix.BPF_CGROUP_DEVICE, ids: unsafe.Pointer(&ids), count: uint32(len(ids))}
	if _, err := bpf(unix.BPF_PROG_QUERY, &attr); err != nil {
		return nil, os.NewSyscallError("bpf(BPF_PROG_QUERY)", err)
	}
	for _, id := range ids[:attr.count] {
		fd, is, err := openProgram(id, name)
		if err != nil {
			closeAll(fds)
			return nil, err
		}
		if is {
			fds = append(fds, fd)
		}
	}
	return fds, nil
}

// openProgram opens a program if it has the name. One that is gone meanwhile
// has not.
func openProgram(id uint32, name string) (fd int, is bool, err error) {
	wanted := struct{ id, next, flags uint32 }{id: id}
	fd, err = bpf(unix.BPF_PROG_GET_FD_BY_ID, &wanted)
	if err == unix.ENOENT {
		return -1, false, nil
	}
	if err != nil {
		return -1, false, os.NewSyscallError("bpf(BPF_PROG_GET_FD_BY_ID)", err)
	}
	var info bpfInfo
	of := bpfInfoOf{fd: uint32(fd), size: uint32(unsafe.Sizeof(info)), info: unsafe.Pointer(&info)}
	_, err = bpf(unix.BPF_OBJ_GET_INFO_BY_FD, &of)
	found, _, _ := bytes.Cut(info.name[:], []byte{0})
	if err != nil || string(found) != name {
		unix.Close(fd)
		return -1, false, os.NewSyscallError("bpf(BPF_OBJ_GET_INFO_BY_FD)", err)
	}
	return fd, true, nil
}

func closeAll(fds []int) {
	for _, fd := range fds {
		unix.Close(fd)
	}
}
