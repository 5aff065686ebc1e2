package main

import "github.com/keg-project/keg/container"

// eventRDT is what an event says of linux.intelRdt, in runc's keys.
type eventRDT struct {
	L3Info       *eventL3Info     `json:"l3_cache_info,omitempty"`
	L3SchemaRoot string           `json:"l3_cache_schema_root,omitempty"`
	L3Schema     string           `json:"l3_cache_schema,omitempty"`
	MBInfo       *eventMBInfo     `json:"mem_bw_info,omitempty"`
	MBSchemaRoot string           `json:"mem_bw_schema_root,omitempty"`
	MBSchema     string           `json:"mem_bw_schema,omitempty"`
	MBM          []eventBandwidth `json:"mbm_stats,omitempty"`
	CMT          []eventOccupancy `json:"cmt_stats,omitempty"`
}

type eventL3Info struct {
	CbmMask    string `json:"cbm_mask,omitempty"`
	MinCbmBits uint64 `json:"min_cbm_bits,omitempty"`
	NumClosids uint64 `json:"num_closids,omitempty"`
}

type eventMBInfo struct {
	BandwidthGran uint64 `json:"bandwidth_gran,omitempty"`
	DelayLinear   uint64 `json:"delay_linear,omitempty"`
	MinBandwidth  uint64 `json:"min_bandwidth,omitempty"`
	NumClosids    uint64 `json:"num_closids,omitempty"`
}

type eventBandwidth struct {
	Total uint64 `json:"mbm_total_bytes"`
	Local uint64 `json:"mbm_local_bytes"`
}

type eventOccupancy struct {
	Bytes uint64 `json:"llc_occupancy"`
}

func newEventRDT(s *container.RDTStats) eventRDT {
	r := eventRDT{
		L3SchemaRoot: s.Root.L3, L3Schema: s.Own.L3, MBSchemaRoot: s.Root.MB, MBSchema: s.Own.MB,
		L3Info: (*eventL3Info)(s.L3), MBInfo: (*eventMBInfo)(s.MB),
	}
	for _, b := range s.Bandwidth {
		r.MBM = append(r.MBM, eventBandwidth(b))
	}
	for _, bytes := range s.Occupancy {
		r.CMT = append(r.CMT, eventOccupancy{bytes})
	}
	return r
}
