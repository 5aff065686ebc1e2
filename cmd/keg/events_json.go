package main

import (
	"encoding/json"

	"github.com/keg-project/keg/container"
)

// event is a line of `keg events`. Its keys, and which are left out when they
// are zero, are those of runc: containerd and others read them. "rdma" is
// keg's own. Events are rare enough for encoding/json.
type event struct {
	Type string     `json:"type"`
	ID   string     `json:"id"`
	Data *eventData `json:"data,omitempty"`
}

type eventData struct {
	CPU               eventCPU                `json:"cpu"`
	CPUSet            eventCPUSet             `json:"cpuset"`
	Memory            eventMemory             `json:"memory"`
	Pids              eventPids               `json:"pids"`
	Blkio             eventBlkio              `json:"blkio"`
	Hugetlb           map[string]eventHugetlb `json:"hugetlb"`
	RDMA              *eventRDMA              `json:"rdma,omitempty"`
	IntelRdt          eventRDT                `json:"intel_rdt"`
	NetworkInterfaces []struct{}              `json:"network_interfaces"`
}

type eventCPU struct {
	Usage struct {
		Total        uint64   `json:"total,omitempty"`
		Percpu       []uint64 `json:"percpu,omitempty"`
		PercpuKernel []uint64 `json:"percpu_kernel,omitempty"`
		PercpuUser   []uint64 `json:"percpu_user,omitempty"`
		Kernel       uint64   `json:"kernel"`
		User         uint64   `json:"user"`
	} `json:"usage"`
	Throttling struct {
		Periods          uint64 `json:"periods,omitempty"`
		ThrottledPeriods uint64 `json:"throttledPeriods,omitempty"`
		ThrottledTime    uint64 `json:"throttledTime,omitempty"`
	} `json:"throttling"`
	PSI *eventPSI `json:"psi,omitempty"`
}

type eventCPUSet struct {
	CPUs                  []uint16 `json:"cpus,omitempty"`
	CPUExclusive          uint64   `json:"cpu_exclusive"`
	Mems                  []uint16 `json:"mems,omitempty"`
	MemHardwall           uint64   `json:"mem_hardwall"`
	MemExclusive          uint64   `json:"mem_exclusive"`
	MemoryMigrate         uint64   `json:"memory_migrate"`
	MemorySpreadPage      uint64   `json:"memory_spread_page"`
	MemorySpreadSlab      uint64   `json:"memory_spread_slab"`
	MemoryPressure        uint64   `json:"memory_pressure"`
	SchedLoadBalance      uint64   `json:"sched_load_balance"`
	SchedRelaxDomainLevel int64    `json:"sched_relax_domain_level"`
}

type eventMemory struct {
	Cache     uint64            `json:"cache,omitempty"`
	Usage     eventMemoryUsage  `json:"usage"`
	Swap      eventMemoryUsage  `json:"swap"`
	Kernel    eventMemoryUsage  `json:"kernel"`
	KernelTCP eventMemoryUsage  `json:"kernelTCP"`
	Raw       map[string]uint64 `json:"raw,omitempty"`
	PSI       *eventPSI         `json:"psi,omitempty"`
}

type eventMemoryUsage struct {
	Limit   uint64 `json:"limit"`
	Usage   uint64 `json:"usage,omitempty"`
	Max     uint64 `json:"max,omitempty"`
	Failcnt uint64 `json:"failcnt"`
}

type eventPids struct {
	Current uint64 `json:"current,omitempty"`
	Limit   uint64 `json:"limit,omitempty"`
}

type eventBlkio struct {
	ServiceBytes []eventBlkioEntry `json:"ioServiceBytesRecursive,omitempty"`
	Serviced     []eventBlkioEntry `json:"ioServicedRecursive,omitempty"`
	Queued       []eventBlkioEntry `json:"ioQueueRecursive,omitempty"`
	ServiceTime  []eventBlkioEntry `json:"ioServiceTimeRecursive,omitempty"`
	WaitTime     []eventBlkioEntry `json:"ioWaitTimeRecursive,omitempty"`
	Merged       []eventBlkioEntry `json:"ioMergedRecursive,omitempty"`
	Time         []eventBlkioEntry `json:"ioTimeRecursive,omitempty"`
	Sectors      []eventBlkioEntry `json:"sectorsRecursive,omitempty"`
	PSI          *eventPSI         `json:"psi,omitempty"`
}

type eventBlkioEntry struct {
	Major uint64 `json:"major,omitempty"`
	Minor uint64 `json:"minor,omitempty"`
	Op    string `json:"op,omitempty"`
	Value uint64 `json:"value,omitempty"`
}

type eventHugetlb struct {
	Usage   uint64 `json:"usage,omitempty"`
	Max     uint64 `json:"max,omitempty"`
	Failcnt uint64 `json:"failcnt"`
}

type eventRDMA struct {
	Limit   []eventRDMAEntry `json:"rdma_limit,omitempty"`
	Current []eventRDMAEntry `json:"rdma_current,omitempty"`
}

type eventRDMAEntry struct {
	Device     string `json:"device,omitempty"`
	HcaHandles uint32 `json:"hca_handles,omitempty"`
	HcaObjects uint32 `json:"hca_objects,omitempty"`
}

type eventPSI struct {
	Some eventStall `json:"some"`
	Full eventStall `json:"full"`
}

type eventStall struct {
	Avg10  float64 `json:"avg10"`
	Avg60  float64 `json:"avg60"`
	Avg300 float64 `json:"avg300"`
	Total  uint64  `json:"total"`
}

func eventLine(id string, e container.Event) ([]byte, error) {
	out := event{Type: "oom", ID: id}
	if e.Stats != nil {
		out.Type, out.Data = "stats", newEventData(e.Stats)
	}
	line, err := json.Marshal(out)
	return append(line, '\n'), err
}

func newEventData(s *container.Stats) *eventData {
	d := &eventData{
		CPUSet: eventCPUSet(s.CPUSet),
		Memory: eventMemory{
			Cache: s.Memory.Cache, Usage: eventMemoryUsage(s.Memory.Usage), Swap: eventMemoryUsage(s.Memory.Swap),
			Kernel: eventMemoryUsage(s.Memory.Kernel), KernelTCP: eventMemoryUsage(s.Memory.KernelTCP), Raw: s.Memory.Raw, PSI: newEventPSI(s.Memory.Pressure),
		},
		Pids: eventPids(s.Pids),
		Blkio: eventBlkio{
			ServiceBytes: blkioEntries(s.Blkio.ServiceBytes), Serviced: blkioEntries(s.Blkio.Serviced), Queued: blkioEntries(s.Blkio.Queued),
			ServiceTime: blkioEntries(s.Blkio.ServiceTime), WaitTime: blkioEntries(s.Blkio.WaitTime), Merged: blkioEntries(s.Blkio.Merged),
			Time: blkioEntries(s.Blkio.Time), Sectors: blkioEntries(s.Blkio.Sectors), PSI: newEventPSI(s.Blkio.Pressure),
		},
		Hugetlb: map[string]eventHugetlb{},
	}
	u := &d.CPU.Usage
	u.Total, u.Kernel, u.User = s.CPU.Total, s.CPU.Kernel, s.CPU.User
	u.Percpu, u.PercpuKernel, u.PercpuUser = s.CPU.Percpu, s.CPU.PercpuKernel, s.CPU.PercpuUser
	t := &d.CPU.Throttling
	t.Periods, t.ThrottledPeriods, t.ThrottledTime = s.CPU.Periods, s.CPU.ThrottledPeriods, s.CPU.ThrottledTime
	d.CPU.PSI = newEventPSI(s.CPU.Pressure)
	for size, h := range s.Hugetlb {
		d.Hugetlb[size] = eventHugetlb(h)
	}
	if len(s.RDMA.Limit)+len(s.RDMA.Current) > 0 {
		d.RDMA = &eventRDMA{rdmaEntries(s.RDMA.Limit), rdmaEntries(s.RDMA.Current)}
	}
	if s.RDT != nil {
		d.IntelRdt = newEventRDT(s.RDT)
	}
	return d
}

func newEventPSI(p *container.Pressure) *eventPSI {
	if p == nil {
		return nil
	}
	return &eventPSI{eventStall(p.Some), eventStall(p.Full)}
}

func blkioEntries(list []container.BlkioEntry) []eventBlkioEntry {
	var out []eventBlkioEntry
	for _, e := range list {
		out = append(out, eventBlkioEntry(e))
	}
	return out
}

func rdmaEntries(list []container.RDMAEntry) []eventRDMAEntry {
	var out []eventRDMAEntry
	for _, e := range list {
		out = append(out, eventRDMAEntry(e))
	}
	return out
}
