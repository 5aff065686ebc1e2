package cgroup

import (
	"syscall"

	"github.com/keg-project/keg/linux"
)

// Stats is what the kernel has counted for a cgroup and those below it, in the
// terms of v1: what v2 counts in other units or under other names is converted.
// What a kernel does not count, or a controller that is not there would, is 0.
type Stats struct {
	CPU     CPUStats
	CPUSet  CPUSetStats // v1 alone
	Memory  MemoryStats
	Pids    PidsStats
	Blkio   BlkioStats
	Hugetlb map[string]HugetlbStats // by size of page: "2MB"
	RDMA    RDMAStats
}

// Stats reads the statistics of the cgroups. Those that have been removed, or
// are while they are read, count as zero.
func (c *Cgroup) Stats() (Stats, error) {
	s := Stats{Hugetlb: map[string]HugetlbStats{}}
	for _, part := range []struct {
		controller string
		v1, v2     func(*statReader, *Stats)
	}{
		{"cpu", readThrottlingV1, readCPUV2},
		{"cpuacct", readCPUAcctV1, nil},
		{"cpuset", readCPUSetV1, nil},
		{"memory", readMemoryV1, readMemoryV2},
		{"pids", readPids, readPids},
		{"blkio", readBlkioV1, nil},
		{"io", nil, readIOV2},
		{"hugetlb", readHugetlbV1, readHugetlbV2},
		{"rdma", readRDMA, readRDMA},
		{"", nil, readPressure}, // the unified hierarchy counts it, beside v1 as well
	} {
		d, ok := c.dirOf(part.controller)
		if !ok {
			continue
		}
		read := part.v1
		if d.V2() {
			read = part.v2
		}
		if read == nil {
			continue
		}
		if err := readStats(d, &s, read); err != nil {
			return s, err
		}
	}
	return s, nil
}

func readStats(d Dir, s *Stats, read func(*statReader, *Stats)) error {
	fd, err := linux.OpenCgroup(cwd, d.Name())
	if err != nil {
		return ignoreGone(err)
	}
	defer syscall.Close(fd)
	r := statReader{dir: d.Name(), fd: fd}
	read(&r, s)
	return r.err
}
