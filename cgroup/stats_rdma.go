package cgroup

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// RDMAStats is the use of RDMA devices. cgroup-v1/rdma.rst
type RDMAStats struct {
	Limit, Current []RDMAEntry
}

// RDMAEntry is one device.
type RDMAEntry struct {
	Device     string
	HcaHandles uint32 // the largest number: no limit
	HcaObjects uint32
}

func readRDMA(r *statReader, s *Stats) {
	s.RDMA.Limit = r.rdma("rdma.max")
	s.RDMA.Current = r.rdma("rdma.current")
}

// rdma reads lines "DEVICE hca_handle=N hca_object=N"; the file is the same in
// both versions.
func (r *statReader) rdma(file string) []RDMAEntry {
	var list []RDMAEntry
	for line := range strings.Lines(r.text(file)) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		e := RDMAEntry{Device: words[0]}
		pairs(words[1:], func(name, value string) {
			n, err := strconv.ParseUint(value, 10, 32)
			if value == "max" {
				n, err = math.MaxUint32, nil
			}
			if err != nil {
				r.fail(file, fmt.Errorf("%q is not a number", value))
			}
			switch name {
			case "hca_handle":
				e.HcaHandles = uint32(n)
			case "hca_object":
				e.HcaObjects = uint32(n)
			}
		})
		list = append(list, e)
	}
	return list
}
