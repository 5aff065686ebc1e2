package seccomp

// On 386 the calls of sockets and of System V IPC have two ways in: numbers of
// their own, and socketcall(2) and ipc(2), whose first argument says which is
// meant. A rule that saw only the first could be walked around.
type subcall struct {
	name string
	call uint16 // number of socketcall or ipc
	n    uint16 // first argument
}

const (
	socketcall = 102
	ipc        = 117
)

// linux/net.h, linux/ipc.h
var subcalls = [...]subcall{
	{"accept", socketcall, 5}, {"accept4", socketcall, 18}, {"bind", socketcall, 2}, {"connect", socketcall, 3},
	{"getpeername", socketcall, 7}, {"getsockname", socketcall, 6}, {"getsockopt", socketcall, 15},
	{"listen", socketcall, 4}, {"msgctl", ipc, 14}, {"msgget", ipc, 13}, {"msgrcv", ipc, 12}, {"msgsnd", ipc, 11},
	{"recv", socketcall, 10}, {"recvfrom", socketcall, 12}, {"recvmmsg", socketcall, 19}, {"recvmsg", socketcall, 17},
	{"semctl", ipc, 3}, {"semget", ipc, 2}, {"semop", ipc, 1}, {"semtimedop", ipc, 4}, {"send", socketcall, 9},
	{"sendmmsg", socketcall, 20}, {"sendmsg", socketcall, 16}, {"sendto", socketcall, 11}, {"setsockopt", socketcall, 14},
	{"shmat", ipc, 21}, {"shmctl", ipc, 24}, {"shmdt", ipc, 22}, {"shmget", ipc, 23}, {"shutdown", socketcall, 13},
	{"socket", socketcall, 1}, {"socketpair", socketcall, 8},
}

// subcallOf finds the other way into a call.
func subcallOf(name string) (subcall, bool) {
	lo, hi := 0, len(subcalls)
	for lo < hi {
		mid := (lo + hi) / 2
		if subcalls[mid].name < name {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo < len(subcalls) && subcalls[lo].name == name {
		return subcalls[lo], true
	}
	return subcall{}, false
}

// condition is what the first argument has to be. The kernel takes ipc's call
// from its lower half and a version from the upper one.
func (s subcall) condition() condition {
	mask := uint64(0xffffffff)
	if s.call == ipc {
		mask = 0xffff
	}
	return condition{arg: 0, op: opMasked, mask: mask, value: uint64(s.n)}
}
