package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/cmd/keg/argv"
	"github.com/keg-project/keg/container"
	"github.com/keg-project/keg/spec"
)

func updateCommand() command {
	return command{
		name: "update", args: "ID", min: 1, max: 1, audience: forEngines,
		short: "change the limits of a container",
		long: "What no flag names stays as it is. All limits change or, when one cannot, none;\n" +
			"a paused container stays paused. SIZE is a number of bytes, or one like 50M or\n" +
			"1.5g; -1 lifts a limit of memory, swap, CPU time or pids.\n\n" +
			"  keg update --memory 256m --memory-swap 512m mybox\n" +
			"  keg update --cpu-quota 50000 mybox             half a processor, of a period of 100000\n" +
			"  keg update --resources limits.json mybox\n\n" +
			"FILE has the members of linux.resources in config.json, such as\n" +
			"  {\"memory\": {\"limit\": 67108864}, \"pids\": {\"limit\": 100}}\n" +
			"and all other flags are ignored beside it, but for the two of Intel RDT.",
		setup: setupUpdate,
	}
}

// updateFlags are the limits that were given.
type updateFlags struct {
	file     string
	cpu      oci.LinuxCPU
	memory   oci.LinuxMemory
	pids     oci.LinuxPids
	io       oci.LinuxBlockIO
	l3, mb   string
	given    []string // the flags that --resources stands for
	zero     []string // the flags whose 0 means that there is nothing to set, to engines
	obsolete []string // the flags that are ignored
}

func setupUpdate(s *argv.Set) action {
	f := new(updateFlags)
	s.String(&f.file, "resources", 'r', "FILE", "read the limits from FILE, as JSON; - is standard input")
	f.addCPU(s)
	f.addMemory(s)
	f.limit(s, "pids-limit", "N", "number of processes and threads", signed(&f.pids.Limit))
	f.limit(s, "blkio-weight", "N", "share of the disks' time, 10 to 1000", weight(&f.io.Weight))
	s.Func("l3-cache-schema", 0, "SCHEMA", "Intel RDT: share of the L3 cache", schema(&f.l3))
	s.Func("mem-bw-schema", 0, "SCHEMA", "Intel RDT: share of the memory bandwidth", schema(&f.mb))
	return f.run
}

func (f *updateFlags) addCPU(s *argv.Set) {
	f.limit(s, "cpu-period", "USEC", "period that --cpu-quota is of", unsigned(&f.cpu.Period))
	f.limit(s, "cpu-quota", "USEC", "CPU time in each period", signed(&f.cpu.Quota))
	f.limit(s, "cpu-burst", "USEC", "CPU time that may be saved up beside the quota", unsigned(&f.cpu.Burst))
	f.limit(s, "cpu-share", "N", "weight against other containers", unsigned(&f.cpu.Shares))
	f.limit(s, "cpu-idle", "0|1", "run only when nothing else does", signed(&f.cpu.Idle))
	f.limit(s, "cpu-rt-period", "USEC", "period that --cpu-rt-runtime is of", unsigned(&f.cpu.RealtimePeriod))
	f.limit(s, "cpu-rt-runtime", "USEC", "realtime CPU time in each period", signed(&f.cpu.RealtimeRuntime))
	f.limit(s, "cpuset-cpus", "LIST", "processors to run on, such as 0-3,7", list(&f.cpu.Cpus))
	f.limit(s, "cpuset-mems", "LIST", "memory nodes to use", list(&f.cpu.Mems))
}

func (f *updateFlags) addMemory(s *argv.Set) {
	f.limit(s, "memory", "SIZE", "memory", size(&f.memory.Limit))
	f.limit(s, "memory-reservation", "SIZE", "memory that is left when others need some", size(&f.memory.Reservation))
	f.limit(s, "memory-swap", "SIZE", "memory and swap together", size(&f.memory.Swap))
	for _, name := range []string{"kernel-memory", "kernel-memory-tcp"} {
		f.limit(s, name, "SIZE", "ignored; accepted for runc's callers", func(v string) error {
			f.obsolete = append(f.obsolete, name)
			_, err := parseLimit(v)
			return err
		})
	}
}

// zeroCounts are the limits that can be 0.
var zeroCounts = []string{"pids-limit", "cpu-burst", "cpu-idle", "cpuset-cpus", "cpuset-mems"}

// limit adds a flag that --resources leaves no room for.
func (f *updateFlags) limit(s *argv.Set, name, value, usage string, set func(string) error) {
	s.Func(name, 0, value, usage, func(v string) error {
		f.given = append(f.given, "--"+name)
		if strings.Trim(v, "0") == "" && !slices.Contains(zeroCounts, name) {
			f.zero = append(f.zero, name)
		}
		return set(v)
	})
}

func signed(p **int64) func(string) error {
	return func(v string) error {
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil || v[0] == '+' {
			return fmt.Errorf("%q is not a whole number of 64 bits", v)
		}
		*p = &n
		return nil
	}
}

func unsigned(p **uint64) func(string) error {
	return func(v string) error {
		n, err := strconv.ParseUint(v, 10, 64)
		if err != nil {
			return fmt.Errorf("%q is not a whole number of 0 or more, of 64 bits", v)
		}
		*p = &n
		return nil
	}
}

func weight(p **uint16) func(string) error {
	return func(v string) error {
		n, err := strconv.ParseUint(v, 10, 16)
		if err != nil {
			return fmt.Errorf("%q is not a number of 10 to 1000", v)
		}
		short := uint16(n)
		*p = &short
		return nil
	}
}

func size(p **int64) func(string) error {
	return func(v string) error {
		n, err := parseLimit(v)
		*p = &n
		return err
	}
}

func list(p *string) func(string) error {
	return func(v string) error {
		*p = v
		if v == "" {
			return errors.New("is empty")
		}
		return nil
	}
}

func schema(p *string) func(string) error {
	return func(v string) error {
		if *p = v; v == "" || strings.ContainsRune(v, '\n') {
			return fmt.Errorf("%q is not a line of a group's schemata, such as L3:0=ff", v)
		}
		return nil
	}
}

func (f *updateFlags) run(c *call, args argv.Args) (int, error) {
	ctr, err := c.load(args.All()[0])
	if err != nil {
		return 0, err
	}
	for _, name := range f.obsolete {
		c.log.warn("--%s is ignored: kernels have no such limit any more", name)
	}
	for _, name := range f.zero {
		c.log.warn("--%s 0 changes nothing", name)
	}
	o := container.UpdateOptions{Schemata: f.schemata()}
	if f.file == "" {
		o.Resources = &oci.LinuxResources{CPU: &f.cpu, Memory: &f.memory, Pids: &f.pids, BlockIO: &f.io}
		return 0, inFlags(ctr.Update(o))
	}
	if len(f.given) > 0 { // as runc has it, but not without a word
		c.log.warn("%s: ignored beside --resources, which stands for all limits", strings.Join(f.given, ", "))
	}
	data, err := c.readInput("--resources", f.file)
	if err != nil {
		return 0, err
	}
	if o.Resources, err = spec.DecodeResources(data); err == nil {
		err = ctr.Update(o)
	}
	return 0, inFile(f.file, err)
}

func (f *updateFlags) schemata() (lines []string) {
	for _, line := range []string{f.l3, f.mb} {
		if line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}
