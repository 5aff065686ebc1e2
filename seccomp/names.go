package seccomp

//go:generate go run ./gen

// The tables' special numbers.
const (
	absent      = 0xffff // the architecture has no such call
	multiplexed = 0xfffe // only through socketcall or ipc
	privateARM  = 0xfff0 // and up: arm's calls from 0x0f0000 on
)

func callName(i int) string { return callNames[callOffsets[i]:callOffsets[i+1]] }

// names looks names up. Profiles list them in order, so each is looked for
// beside the one before it first.
type names struct{ next int }

// index is the position of a name in the tables; -1 if no architecture that
// keg knows has such a call.
func (n *names) index(name string) int {
	lo, hi := 0, callCount
	if n.next < callCount {
		switch at := callName(n.next); {
		case at == name:
			n.next++
			return n.next - 1
		case at < name:
			lo = n.next + 1
			hi = n.above(lo, name)
		default:
			hi = n.next
		}
	}
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if callName(mid) < name {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo < callCount && callName(lo) == name {
		n.next = lo + 1
		return lo
	}
	return -1
}

// above gallops from lo to where names are no longer less than name.
func (n *names) above(lo int, name string) int {
	for step := 1; ; step *= 2 {
		at := lo + step - 1
		if at >= callCount {
			return callCount
		}
		if callName(at) >= name {
			return at + 1
		}
	}
}
