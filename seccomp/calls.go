package seccomp

// Numbers from 512 to 547 belong to x32's own calls, and to no other
// architecture's. arch/x86/entry/syscalls/syscall_64.tbl
const (
	x32First = 512
	x32Last  = 547
	armCalls = 16 // what a table has room for of arm's own
)

// calls are the decisions on one ABI's calls.
type calls struct {
	abi     *abi
	ordinal [1024]decision
	private [armCalls]decision
	newest  int // the highest number that the profile names, plus one; 0: none
}

func (t *calls) decision(entry uint16) *decision {
	if entry > privateARM {
		return &t.private[entry-privateARM]
	}
	return &t.ordinal[entry]
}

// note remembers how far its author's table of calls reached. The calls that
// only x32 has were all there at once, and arm's own are none of the table's:
// they tell nothing.
func (t *calls) note(entry uint16) {
	if entry < x32First {
		t.newest = max(t.newest, int(entry)+1)
	}
}

// span is a run of numbers that are decided alike: from first to the next
// span's.
type span struct {
	first  uint32
	to     decision
	wide   bool
	weight uint32
}

// spans appends an ABI's numbers. newer decides on calls that are newer than
// the profile; one that names no call of the ABI tells nothing of its age.
func (t *calls) spans(list []span, r *rules, newer decision) []span {
	add := func(n uint32, d decision) {
		list = appendSpan(list, span{first: t.abi.base + n, to: d, wide: t.abi.wide || r.isFixed(d)})
	}
	for n := range t.ordinal[:x32First] {
		d := t.ordinal[n]
		if n >= t.newest && t.newest > 0 {
			d = newer
		}
		add(uint32(n), d)
	}
	if t.newest == 0 {
		newer = 0
	}
	if t.abi.base == x32Bit {
		for n := x32First; n <= x32Last; n++ {
			add(uint32(n), t.ordinal[n])
		}
		add(x32Last+1, newer)
	}
	if t.abi.numbers == &numbersARM {
		for i := 1; i < armCalls; i++ {
			add(armBase+uint32(i), t.private[i])
		}
		add(armBase+armCalls, newer)
	}
	return list
}

// appendSpan leaves out a border between numbers that are decided alike.
func appendSpan(list []span, s span) []span {
	if k := len(list); k > 0 && list[k-1].to == s.to && list[k-1].wide == s.wide {
		return list
	}
	return append(list, s)
}

// weigh gives each span the weight of the calls in it, and one more, so that
// what is rare is found in a balanced tree as well.
func weigh(list []span, tables []*calls) {
	for i := range list {
		list[i].weight = 1
	}
	for _, t := range tables {
		if t == nil {
			continue
		}
		for i := 0; i < len(hotCalls); i += 2 {
			entry := t.abi.numbers[hotCalls[i]]
			if entry >= privateARM {
				continue
			}
			weight := uint32(hotCalls[i+1]) * 4
			if t.abi.base != 0 {
				weight = 0 // x32 is as good as extinct
			}
			list[spanOf(list, t.abi.numberOf(entry))].weight += weight
		}
	}
}

func spanOf(list []span, n uint32) int {
	lo, hi := 0, len(list)-1
	for lo < hi {
		mid := (lo + hi + 1) / 2
		if list[mid].first <= n {
			lo = mid
		} else {
			hi = mid - 1
		}
	}
	return lo
}
