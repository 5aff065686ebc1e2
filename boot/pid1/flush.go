package pid1

import (
	"strconv"
	"strings"
	"time"
)

// stalled is how long the disks may take nothing of what is to be written, until
// they are given up: a disk that does not answer must not keep the machine.
const stalled = 30 * time.Second

// flush does what waits for disks. It tells whether that is done; if not it may
// still be under way.
func (p *process) flush(what string, do func()) bool {
	return p.flushWithin(stalled, unwritten, what, do)
}

// flushWithin waits as long as what is unwritten becomes less: much of it may
// take a slow disk many minutes.
func (p *process) flushWithin(limit time.Duration, unwritten func() uint64, what string, do func()) bool {
	done := p.spawn(what, func() error {
		do()
		return nil
	})
	for least := unwritten(); ; {
		select {
		case <-done:
			return true
		case <-time.After(limit):
		}
		now := unwritten()
		if now >= least {
			p.say("%s: a disk takes nothing for %v, %d KiB are not written", what, limit, now)
			return false
		}
		least = now
	}
}

// unwritten is how many KiB are still to reach the disks. proc_meminfo(5)
func unwritten() uint64 { return unwrittenIn(read("/proc/meminfo")) }

func unwrittenIn(meminfo string) (sum uint64) {
	for line := range strings.Lines(meminfo) {
		name, value, _ := strings.Cut(line, ":")
		if name == "Dirty" || name == "Writeback" {
			n, _ := strconv.ParseUint(strings.Fields(value + " 0")[0], 10, 64) // the kernel writes numbers
			sum += n
		}
	}
	return sum
}
