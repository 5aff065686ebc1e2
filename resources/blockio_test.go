package resources

import (
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

func disk(minor int64) oci.LinuxBlockIODevice { return oci.LinuxBlockIODevice{Major: 8, Minor: minor} }

func weightOf(minor int64, weight, leaf uint16) oci.LinuxWeightDevice {
	return oci.LinuxWeightDevice{LinuxBlockIODevice: disk(minor), Weight: &weight, LeafWeight: &leaf}
}

func rate(minor int64, rate uint64) oci.LinuxThrottleDevice {
	return oci.LinuxThrottleDevice{LinuxBlockIODevice: disk(minor), Rate: rate}
}

func ptr[T any](v T) *T { return &v }

func TestBlockIOWeight(t *testing.T) {
	io := oci.LinuxBlockIO{
		Weight: ptr[uint16](10), LeafWeight: ptr[uint16](0),
		WeightDevice: []oci.LinuxWeightDevice{weightOf(0, 1000, 0), weightOf(16, 0, 0), {LinuxBlockIODevice: disk(32), Weight: ptr[uint16](100)}},
	}
	compiles(t, oci.LinuxResources{BlockIO: &io}, v1(), `
blockIO.weight: blkio blkio.bfq.weight = "10" either
blockIO.weightDevice[0].weight: blkio blkio.bfq.weight_device = "8:0 1000" or "8:0 default" either
blockIO.weightDevice[2].weight: blkio blkio.bfq.weight_device = "8:32 100" or "8:32 default" either`)
	compiles(t, oci.LinuxResources{BlockIO: &io}, v2(), `
blockIO.weight: io io.weight = "1" or "default 100" either
blockIO.weight: io io.bfq.weight = "10" or "default 100" either
blockIO.weightDevice[0].weight: io io.weight = "8:0 10000" or "8:0 default" either
blockIO.weightDevice[0].weight: io io.bfq.weight = "8:0 1000" or "8:0 default" either
blockIO.weightDevice[2].weight: io io.weight = "8:32 910" or "8:32 default" either
blockIO.weightDevice[2].weight: io io.bfq.weight = "8:32 100" or "8:32 default" either`)
}

// Engines write 0 where they were asked for no weight: that needs nothing.
func TestBlockIOUnset(t *testing.T) {
	io := oci.LinuxBlockIO{Weight: new(uint16), LeafWeight: new(uint16), WeightDevice: []oci.LinuxWeightDevice{weightOf(0, 0, 0)}}
	compiles(t, oci.LinuxResources{BlockIO: &io}, Facts{Unified: true}, "")
	compiles(t, oci.LinuxResources{BlockIO: &oci.LinuxBlockIO{}}, Facts{}, "")
}

func TestBlockIOLeafWeight(t *testing.T) {
	const gone = "Linux has had none since 5.0, which removed the CFQ scheduler"
	io := oci.LinuxBlockIO{LeafWeight: ptr[uint16](10), WeightDevice: []oci.LinuxWeightDevice{weightOf(0, 0, 20)}}
	for _, f := range []Facts{v1(), v2()} {
		refused(t, oci.LinuxResources{BlockIO: &io}, f, `
blockIO.leafWeight: `+gone+`
blockIO.weightDevice[0].leafWeight: `+gone)
	}
}

func TestBlockIOThrottle(t *testing.T) {
	io := oci.LinuxBlockIO{
		ThrottleReadBpsDevice:   []oci.LinuxThrottleDevice{rate(0, 1048576), rate(16, 0)},
		ThrottleWriteBpsDevice:  []oci.LinuxThrottleDevice{rate(0, 1<<64-1)},
		ThrottleReadIOPSDevice:  []oci.LinuxThrottleDevice{rate(0, 100)},
		ThrottleWriteIOPSDevice: []oci.LinuxThrottleDevice{rate(0, 1<<32+1), rate(16, 0)},
	}
	compiles(t, oci.LinuxResources{BlockIO: &io}, v1(), `
blockIO.throttleReadBpsDevice[0]: blkio blkio.throttle.read_bps_device = "8:0 1048576" or "8:0 0"
blockIO.throttleReadBpsDevice[1]: blkio blkio.throttle.read_bps_device = "8:16 0" or "8:16 0"
blockIO.throttleWriteBpsDevice[0]: blkio blkio.throttle.write_bps_device = "8:0 18446744073709551615" or "8:0 0"
blockIO.throttleReadIOPSDevice[0]: blkio blkio.throttle.read_iops_device = "8:0 100" or "8:0 0"
blockIO.throttleWriteIOPSDevice[0]: blkio blkio.throttle.write_iops_device = "8:0 4294967295" or "8:0 0"
blockIO.throttleWriteIOPSDevice[1]: blkio blkio.throttle.write_iops_device = "8:16 0" or "8:16 0"`)
	compiles(t, oci.LinuxResources{BlockIO: &io}, v2(), `
blockIO.throttleReadBpsDevice[0]: io io.max = "8:0 rbps=1048576" or "8:0 rbps=max"
blockIO.throttleReadBpsDevice[1]: io io.max = "8:16 rbps=max" or "8:16 rbps=max"
blockIO.throttleWriteBpsDevice[0]: io io.max = "8:0 wbps=18446744073709551615" or "8:0 wbps=max"
blockIO.throttleReadIOPSDevice[0]: io io.max = "8:0 riops=100" or "8:0 riops=max"
blockIO.throttleWriteIOPSDevice[0]: io io.max = "8:0 wiops=4294967297" or "8:0 wiops=max"
blockIO.throttleWriteIOPSDevice[1]: io io.max = "8:16 wiops=max" or "8:16 wiops=max"`)
	refused(t, oci.LinuxResources{BlockIO: &oci.LinuxBlockIO{Weight: ptr[uint16](10), ThrottleReadBpsDevice: io.ThrottleReadBpsDevice[:1]}},
		Facts{V2: []string{"memory"}, Unified: true}, `
blockIO.weight: the controller io is not available here
blockIO.throttleReadBpsDevice[0]: the controller io is not available here`)
}
