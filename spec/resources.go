package spec

import (
	"math"
	"strings"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// resources: a value that the kernel would refuse is refused before anything
// is made; one that could name another file or line of a cgroup, for what it is.
func (c *checker) resources(p *path, v *oci.LinuxResources) {
	c.deviceRules(p, v.Devices)
	c.memory(p, v.Memory)
	c.cpu(p, v.CPU)
	c.blockIO(p, v.BlockIO)
	if v.Pids != nil {
		pids := p.field("pids")
		limit := pids.field("limit")
		atLeast(c, &limit, v.Pids.Limit, -1)
	}
	c.hugepages(p, v.HugepageLimits)
	c.networkPriorities(p, v.Network)
	c.rdma(p, v.Rdma)
	c.unified(p, v.Unified)
}

// unified: a key is what a file in the cgroup is opened by.
func (c *checker) unified(resources *path, files map[string]string) {
	p := resources.field("unified")
	for _, file := range sortedKeys(files) {
		e := p.key(file)
		controller, parameter, _ := strings.Cut(file, ".")
		if controller == "" || parameter == "" || strings.ContainsAny(file, "/\n") {
			c.bad(&e, quote(file), "the name of a controller's file, like memory.high")
		}
	}
}

var deviceRuleTypes = []string{"", "a", "c", "b"}

// deviceRules: -1 is how some engines write "all".
func (c *checker) deviceRules(resources *path, list []oci.LinuxDeviceCgroup) {
	p := resources.field("devices")
	for i, v := range list {
		e := p.at(i)
		kind, access, major, minor := e.field("type"), e.field("access"), e.field("major"), e.field("minor")
		if v.Type != "" {
			oneOf(c, &kind, v.Type, deviceRuleTypes[1:])
		}
		if strings.Trim(v.Access, "rwm") != "" {
			c.bad(&access, quote(v.Access), "letters of rwm")
		}
		if v.Major != nil {
			between(c, &major, *v.Major, -1, maxMajor)
		}
		if v.Minor != nil {
			between(c, &minor, *v.Minor, -1, maxMinor)
		}
	}
}

func (c *checker) memory(resources *path, v *oci.LinuxMemory) {
	if v == nil {
		return
	}
	p := resources.field("memory")
	limit, reservation, swap := p.field("limit"), p.field("reservation"), p.field("swap")
	kernel, tcp, swappiness := p.field("kernel"), p.field("kernelTCP"), p.field("swappiness")
	atLeast(c, &limit, v.Limit, -1)
	atLeast(c, &reservation, v.Reservation, -1)
	atLeast(c, &swap, v.Swap, -1)
	atLeast(c, &kernel, v.Kernel, -1) //nolint:staticcheck // deprecated, still checked
	atLeast(c, &tcp, v.KernelTCP, -1)
	if v.Swappiness != nil {
		between(c, &swappiness, *v.Swappiness, 0, 100)
	}
	if l, s := value(v.Limit), value(v.Swap); s > 0 && s < l { // swap counts the memory too
		c.bad(&swap, decimal(s), "at least the limit, "+decimal(l))
	}
}

func value[T integer](v *T) T {
	if v == nil {
		return 0
	}
	return *v
}

// cpu: 0 is how engines write "not set". The bounds are the kernel's.
func (c *checker) cpu(resources *path, v *oci.LinuxCPU) {
	if v == nil {
		return
	}
	p := resources.field("cpu")
	quota, burst, period := p.field("quota"), p.field("burst"), p.field("period")
	runtime, idle, cpus, mems := p.field("realtimeRuntime"), p.field("idle"), p.field("cpus"), p.field("mems")
	between(c, &quota, value(v.Quota), 1000, math.MaxInt64, -1, 0)
	between(c, &period, value(v.Period), 1000, 1_000_000, 0)
	if q := value(v.Quota); q > 0 && value(v.Burst) > uint64(q) {
		c.bad(&burst, decimal(*v.Burst), "at most the quota, "+decimal(q))
	}
	atLeast(c, &runtime, v.RealtimeRuntime, -1)
	if r, rp := value(v.RealtimeRuntime), value(v.RealtimePeriod); r > 0 && rp > 0 && uint64(r) > rp {
		c.bad(&runtime, decimal(r), "at most the realtimePeriod, "+decimal(rp))
	}
	between(c, &idle, value(v.Idle), 0, 1)
	c.ranges(&cpus, v.Cpus)
	c.ranges(&mems, v.Mems)
}

func (c *checker) blockIO(resources *path, v *oci.LinuxBlockIO) {
	if v == nil {
		return
	}
	p := resources.field("blockIO")
	c.weights(&p, v.Weight, v.LeafWeight)
	devices := p.field("weightDevice")
	for i, d := range v.WeightDevice {
		e := devices.at(i)
		c.blockDevice(&e, d.LinuxBlockIODevice)
		c.weights(&e, d.Weight, d.LeafWeight)
		if d.Weight == nil && d.LeafWeight == nil {
			c.missing(&e, "weight, leafWeight")
		}
	}
	c.throttle(&p, "throttleReadBpsDevice", v.ThrottleReadBpsDevice)
	c.throttle(&p, "throttleWriteBpsDevice", v.ThrottleWriteBpsDevice)
	c.throttle(&p, "throttleReadIOPSDevice", v.ThrottleReadIOPSDevice)
	c.throttle(&p, "throttleWriteIOPSDevice", v.ThrottleWriteIOPSDevice)
}

func (c *checker) weights(p *path, weight, leaf *uint16) {
	w, l := p.field("weight"), p.field("leafWeight")
	between(c, &w, value(weight), 10, 1000, 0)
	between(c, &l, value(leaf), 10, 1000, 0)
}

func (c *checker) throttle(blockIO *path, name string, list []oci.LinuxThrottleDevice) {
	p := blockIO.field(name)
	for i, d := range list {
		e := p.at(i)
		c.blockDevice(&e, d.LinuxBlockIODevice)
	}
}

func (c *checker) blockDevice(e *path, d oci.LinuxBlockIODevice) {
	major, minor := e.field("major"), e.field("minor")
	between(c, &major, d.Major, 0, maxMajor)
	between(c, &minor, d.Minor, 0, maxMinor)
}

// hugepages: the size is part of a file's name.
func (c *checker) hugepages(resources *path, list []oci.LinuxHugepageLimit) {
	p := resources.field("hugepageLimits")
	for i, v := range list {
		e := p.at(i)
		size := e.field("pageSize")
		if !isPageSize(v.Pagesize) {
			c.bad(&size, quote(v.Pagesize), "a size like 64KB, 2MB, 1GB")
		}
	}
}

func isPageSize(s string) bool {
	digits := len(s) - 2
	return digits > 0 && s[0] != '0' && isNumber(s[:digits]) && strings.IndexByte("KMG", s[digits]) >= 0 && s[digits+1] == 'B'
}

func (c *checker) networkPriorities(resources *path, v *oci.LinuxNetwork) {
	if v == nil {
		return
	}
	p := resources.field("network")
	list := p.field("priorities")
	for i, priority := range v.Priorities {
		e := list.at(i)
		name := e.field("name")
		c.interfaceName(&name, priority.Name)
	}
}

// rdma: the device's name begins a line of words.
func (c *checker) rdma(resources *path, devices map[string]oci.LinuxRdma) {
	p := resources.field("rdma")
	for _, name := range sortedKeys(devices) {
		e := p.key(name)
		if name == "" || strings.ContainsFunc(name, notPrintable) {
			c.bad(&e, quote(name), "a device's name")
		}
		if v := devices[name]; v.HcaHandles == nil && v.HcaObjects == nil {
			c.missing(&e, "hcaHandles, hcaObjects")
		}
	}
}
