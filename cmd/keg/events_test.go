package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/keg-project/keg/container"
)

// The keys, their order and what is left out are runc's: engines read them.
func TestEventGolden(t *testing.T) {
	p := &container.Pressure{Some: container.Stall{Avg10: 1.5, Avg60: 0.25, Total: 1234}, Full: container.Stall{Total: 77}}
	entries := []container.BlkioEntry{{Major: 8, Minor: 16, Op: "Read", Value: 5}}
	full := container.Stats{}
	c, m, b := &full.CPU, &full.Memory, &full.Blkio
	c.Total, c.Kernel, c.User, c.Percpu, c.PercpuKernel, c.PercpuUser = 3, 1, 2, []uint64{3, 0}, []uint64{1, 0}, []uint64{2, 0}
	c.Periods, c.ThrottledPeriods, c.ThrottledTime, c.Pressure = 4, 5, 6, p
	full.CPUSet.CPUs, full.CPUSet.Mems, full.CPUSet.SchedRelaxDomainLevel = []uint16{0, 1}, []uint16{0}, -1
	m.Cache, m.Raw, m.Pressure = 7, map[string]uint64{"file": 7, "anon": 8}, p
	m.Usage, m.Swap = container.MemoryUsage{Limit: 9, Usage: 10, Max: 11, Failcnt: 12}, container.MemoryUsage{Limit: 18446744073709551615}
	full.Pids.Current, full.Pids.Limit = 13, 14
	b.ServiceBytes, b.Serviced, b.Queued, b.ServiceTime = entries, entries, entries, entries
	b.WaitTime, b.Merged, b.Time, b.Sectors, b.Pressure = entries, entries, entries, entries, p
	full.RDMA.Current = []container.RDMAEntry{{Device: "mlx4_0", HcaHandles: 1, HcaObjects: 2}}
	full.RDT = &container.RDTStats{Bandwidth: make([]container.RDTBandwidth, 2), Occupancy: []uint64{15}}
	full.RDT.Root.L3, full.RDT.Own.L3, full.RDT.Root.MB, full.RDT.Own.MB = "L3:0=ff", "L3:0=f", "MB:0=100", "MB:0=20"
	full.RDT.L3, full.RDT.MB = &container.RDTCacheInfo{CbmMask: "ff", MinCbmBits: 1, NumClosids: 16}, &container.RDTBandwidthInfo{BandwidthGran: 10, NumClosids: 8}
	var all []byte
	for _, e := range []container.Event{{Stats: &full}, {Stats: &container.Stats{}}, {}} {
		line, err := eventLine("box", e)
		if err != nil || bytes.Count(line, []byte("\n")) != 1 {
			t.Fatalf("%q, %v", line, err)
		}
		var indented bytes.Buffer
		if err := json.Indent(&indented, line, "", "  "); err != nil {
			t.Fatal(err)
		}
		all = append(all, indented.Bytes()...)
	}
	golden(t, "events.json", string(all))
}

func TestParseInterval(t *testing.T) {
	for text, want := range map[string]time.Duration{"5s": 5 * time.Second, "500ms": 500 * time.Millisecond, "1m": time.Minute} {
		if got, err := parseInterval(text); err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for text, want := range map[string]string{
		"0": "must be greater than 0", "0s": "must be greater than 0", "-1s": "must be greater than 0",
		"5": `"5" is not a duration such as 5s`, "": `"" is not a duration`, "5 s": "is not a duration", "many": "is not a duration",
	} {
		if got, err := parseInterval(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, %v; want %s", text, got, err, want)
		}
	}
}
