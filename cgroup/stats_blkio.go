package cgroup

import (
	"fmt"
	"strconv"
	"strings"
)

// BlkioStats is what was read from and written to block devices.
type BlkioStats struct {
	ServiceBytes []BlkioEntry // bytes
	Serviced     []BlkioEntry // operations
	Queued       []BlkioEntry // operations that wait; BFQ alone, as those below
	ServiceTime  []BlkioEntry // nanoseconds
	WaitTime     []BlkioEntry // nanoseconds
	Merged       []BlkioEntry // operations
	Time         []BlkioEntry // milliseconds
	Sectors      []BlkioEntry // of 512 bytes
	Pressure     *Pressure
}

// BlkioEntry is the count of one device.
type BlkioEntry struct {
	Major, Minor uint64
	Op           string // Read, Write, Sync, Async, Discard, Total; "" where they are not told apart
	Value        uint64
}

// readBlkioV1 reads what the I/O scheduler has counted, or the throttling layer
// above it: BFQ counts only for the devices that it is in charge of.
func readBlkioV1(r *statReader, s *Stats) {
	b := &s.Blkio
	b.Serviced = r.blkio("blkio.bfq.io_serviced_recursive")
	if len(b.Serviced) == 0 {
		b.ServiceBytes = r.blkio("blkio.throttle.io_service_bytes_recursive")
		b.Serviced = r.blkio("blkio.throttle.io_serviced_recursive")
		return
	}
	b.ServiceBytes = r.blkio("blkio.bfq.io_service_bytes_recursive")
	b.Queued = r.blkio("blkio.bfq.io_queued_recursive")
	b.ServiceTime = r.blkio("blkio.bfq.io_service_time_recursive")
	b.WaitTime = r.blkio("blkio.bfq.io_wait_time_recursive")
	b.Merged = r.blkio("blkio.bfq.io_merged_recursive")
	b.Time = r.blkio("blkio.bfq.time_recursive")
	b.Sectors = r.blkio("blkio.bfq.sectors_recursive")
}

// blkio reads lines "MAJOR:MINOR OP NUMBER", or without OP. The last line is
// the sum of all devices.
func (r *statReader) blkio(file string) []BlkioEntry {
	var list []BlkioEntry
	for line := range strings.Lines(r.text(file)) {
		fields := strings.Fields(line)
		if len(fields) < 2 || fields[0] == "Total" {
			continue
		}
		e, ok := r.device(file, fields[0])
		if !ok || len(fields) > 3 {
			r.fail(file, fmt.Errorf("%q is not the count of a device", line))
			return list
		}
		if len(fields) == 3 {
			e.Op = fields[1]
		}
		e.Value = r.parse(file, fields[len(fields)-1])
		list = append(list, e)
	}
	return list
}

func (r *statReader) device(file, text string) (BlkioEntry, bool) {
	major, minor, ok := strings.Cut(text, ":")
	a, err1 := strconv.ParseUint(major, 10, 32)
	b, err2 := strconv.ParseUint(minor, 10, 32)
	return BlkioEntry{Major: a, Minor: b}, ok && err1 == nil && err2 == nil
}

// readIOV2 reads lines "MAJOR:MINOR rbytes=N wbytes=N rios=N wios=N …". What v1
// has no name for is left out.
func readIOV2(r *statReader, s *Stats) {
	const file = "io.stat"
	b := &s.Blkio
	for line := range strings.Lines(r.text(file)) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		e, ok := r.device(file, words[0])
		if !ok { // some kernels have printed devices without counts on one line
			continue
		}
		pairs(words[1:], func(name, value string) {
			var list *[]BlkioEntry
			switch name {
			case "rbytes":
				e.Op, list = "Read", &b.ServiceBytes
			case "wbytes":
				e.Op, list = "Write", &b.ServiceBytes
			case "rios":
				e.Op, list = "Read", &b.Serviced
			case "wios":
				e.Op, list = "Write", &b.Serviced
			default:
				return
			}
			e.Value = r.parse(file, value)
			*list = append(*list, e)
		})
	}
}
