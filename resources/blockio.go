package resources

import (
	"math"
	"slices"
	"strconv"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// blockIO: runtime-spec config-linux.md#block-io
func (c *compiler) blockIO(r *oci.LinuxBlockIO) {
	if r == nil {
		return
	}
	const field = "linux.resources.blockIO"
	c.weight(field, "", r.Weight)
	c.leafWeight(field, r.LeafWeight)
	for i, d := range r.WeightDevice {
		f := index(field+".weightDevice", i)
		c.weight(f, device(d.LinuxBlockIODevice), d.Weight)
		c.leafWeight(f, d.LeafWeight)
	}
	for _, t := range [...]struct {
		name   string
		list   []oci.LinuxThrottleDevice
		v1, v2 string
	}{
		{"throttleReadBpsDevice", r.ThrottleReadBpsDevice, "read_bps", "rbps"},
		{"throttleWriteBpsDevice", r.ThrottleWriteBpsDevice, "write_bps", "wbps"},
		{"throttleReadIOPSDevice", r.ThrottleReadIOPSDevice, "read_iops", "riops"},
		{"throttleWriteIOPSDevice", r.ThrottleWriteIOPSDevice, "write_iops", "wiops"},
	} {
		for i, d := range t.list {
			c.throttle(index(field+"."+t.name, i), d, t.v1, t.v2)
		}
	}
}

// weight of the cgroup, or of one device in it; 0 is how engines write that
// there is none. A kernel has weights in two places: in BFQ, with v1's range,
// and on v2 in blk-iocost, with another. Which of them counts is up to the
// scheduler of each disk, so both get one. Neither is there in every kernel.
func (c *compiler) weight(field, device string, weight *uint16) {
	if weight == nil || *weight == 0 {
		return
	}
	field += ".weight"
	either := func(controller, file string, weight int) {
		w := Write{Field: field, Controller: controller, File: file, Value: strconv.Itoa(weight), Either: true}
		if device != "" {
			w.Value, w.Reset = device+" "+w.Value, device+" default"
		} else if controller == "io" {
			w.Reset = "default 100"
		}
		c.add(w)
	}
	switch c.ioVersion(field) {
	case 1:
		file := "blkio.bfq.weight" // blkio.weight was CFQ's, which Linux 5.0 removed
		if device != "" {
			file += "_device"
		}
		either("blkio", file, int(*weight))
	case 2:
		either("io", "io.weight", ioWeight(int(*weight)))
		either("io", "io.bfq.weight", int(*weight))
	}
}

// ioWeight maps 10..1000 to 1..10000, as the other runtimes do.
func ioWeight(blkio int) int { return 1 + (blkio-10)*9999/990 }

func (c *compiler) leafWeight(field string, weight *uint16) {
	if weight != nil && *weight != 0 {
		c.fail(field+".leafWeight", "Linux has had none since 5.0, which removed the CFQ scheduler")
	}
}

// throttle: a rate of 0 removes the limit, as v1 has it.
func (c *compiler) throttle(field string, d oci.LinuxThrottleDevice, v1, v2 string) {
	w := Write{Field: field}
	name := device(d.LinuxBlockIODevice) + " "
	switch c.ioVersion(field) {
	case 0:
		return
	case 1:
		rate := d.Rate
		if v1 == "read_iops" || v1 == "write_iops" {
			rate = min(rate, math.MaxUint32) // v1 keeps the lower 32 bits: 1<<32 + 1 would become 1
		}
		w.Controller, w.File = "blkio", "blkio.throttle."+v1+"_device"
		w.Value, w.Reset = name+strconv.FormatUint(rate, 10), name+"0"
	case 2:
		w.Controller, w.File, w.Reset = "io", "io.max", name+v2+"=max"
		w.Value = w.Reset
		if d.Rate != 0 {
			w.Value = name + v2 + "=" + strconv.FormatUint(d.Rate, 10)
		}
	}
	c.add(w)
}

// ioVersion: the controller has another name on v2.
func (c *compiler) ioVersion(field string) int {
	if slices.Contains(c.facts.V1, "blkio") {
		return c.version(field, "blkio")
	}
	return c.version(field, "io")
}

func device(d oci.LinuxBlockIODevice) string {
	return strconv.FormatInt(d.Major, 10) + ":" + strconv.FormatInt(d.Minor, 10)
}
