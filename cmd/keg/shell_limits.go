package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/keg-project/keg/box"
	"github.com/keg-project/keg/cmd/keg/argv"
)

func addLimits(s *argv.Set, o *box.Options) {
	s.Func("memory", 0, "SIZE", "limit memory: 64m, 1g", func(v string) (err error) {
		o.Memory, err = parseMemory(v)
		return err
	})
	s.Func("cpus", 0, "N", "limit processor time: 2, 0.5", func(v string) (err error) {
		o.CPUs, err = parseCPUs(v)
		return err
	})
	s.Func("pids", 0, "N", "limit the number of processes and threads, init included", func(v string) (err error) {
		o.Pids, err = parsePids(v)
		return err
	})
}

func parseMemory(v string) (int64, error) {
	n, err := parseSize(v)
	if err == nil && n < 1<<20 {
		return 0, fmt.Errorf("%q is too small: no program starts in less than 1m", v)
	}
	return n, err
}

// parseCPUs reads a number of processors, in thousandths.
func parseCPUs(v string) (int, error) {
	n, err := strconv.ParseFloat(v, 64)
	switch {
	case err != nil || strings.Trim(v, "0123456789.") != "" || n > 1e6:
		return 0, fmt.Errorf("%q is not a number of processors, such as 2 or 0.5", v)
	case n < 0.01:
		return 0, fmt.Errorf("%q is too little: the kernel limits to 0.01 at least", v)
	}
	return int(n*1000 + 0.5), nil
}

func parsePids(v string) (int64, error) {
	n, err := strconv.ParseUint(v, 10, 31)
	switch {
	case err != nil:
		return 0, fmt.Errorf("%q is not a number of processes, 2 or more", v)
	case n < 2:
		return 0, fmt.Errorf("%q is too few: the container's init and the command are two", v)
	}
	return int64(n), nil
}
