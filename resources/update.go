package resources

import (
	"fmt"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// MemoryNow is what a container's memory is limited to when it is updated. -1
// is unlimited, 0 unknown.
type MemoryNow struct {
	Limit int64
	Swap  int64 // as the specification counts it: memory and swap together
}

// CompleteMemory adds to an update of one of limit and swap what it means for
// the other. The sum stays when the limit alone changes: so the kernel has it
// on v1, and engines keep it in their books; on v2, where swap is a number of
// its own, it has to be written anew. m, which may be nil, is not changed.
func CompleteMemory(m *oci.LinuxMemory, now MemoryNow) (*oci.LinuxMemory, error) {
	if m == nil {
		return nil, nil
	}
	limit, swap, both := value(m.Limit), value(m.Swap), *m
	switch {
	case limit == -1 && swap == 0 && now.Swap > 0: // the sum cannot be below the limit
		both.Swap = &limit
	case limit > 0 && swap == 0 && now.Swap > 0:
		both.Swap = &now.Swap
		if limit-page >= now.Swap {
			return nil, fmt.Errorf("linux.resources.memory.limit: %d is more than memory and swap may come to together, %d (hint: give linux.resources.memory.swap as well)", limit, now.Swap)
		}
	case limit == 0 && swap > 0 && now.Limit == -1:
		return nil, fmt.Errorf("linux.resources.memory.swap: it counts memory too, which is not limited (hint: give linux.resources.memory.limit as well)")
	case limit == 0 && swap > 0 && now.Limit > 0:
		both.Limit = &now.Limit
		if swap <= now.Limit-page {
			return nil, fmt.Errorf("linux.resources.memory.swap: %d is less than memory alone may come to, %d (hint: give linux.resources.memory.limit as well)", swap, now.Limit)
		}
	}
	return &both, nil
}

// page is the largest there is: the kernel rounds down, and decides what is
// closer together.
const page = 64 << 10
