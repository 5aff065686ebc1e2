package cgroup

import (
	"fmt"
	"strconv"
	"strings"
)

// Pressure says how long processes have waited for a resource. It is counted
// by v2 alone. Documentation/accounting/psi.rst
type Pressure struct {
	Some Stall // at least one waited
	Full Stall // all of them did
}

// Stall is a share of time.
type Stall struct {
	Avg10, Avg60, Avg300 float64 // percent, over as many seconds
	Total                uint64  // microseconds
}

func readPressure(r *statReader, s *Stats) {
	s.CPU.Pressure = r.pressure("cpu.pressure")
	s.Memory.Pressure = r.pressure("memory.pressure")
	s.Blkio.Pressure = r.pressure("io.pressure")
}

// pressure reads a pressure file; nil where the kernel does not count it.
func (r *statReader) pressure(file string) *Pressure {
	text := r.text(file)
	if text == "" {
		return nil
	}
	p := new(Pressure)
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		switch words[0] {
		case "some":
			p.Some = r.stall(file, words[1:])
		case "full":
			p.Full = r.stall(file, words[1:])
		}
	}
	return p
}

func (r *statReader) stall(file string, words []string) (s Stall) {
	averages := map[string]*float64{"avg10": &s.Avg10, "avg60": &s.Avg60, "avg300": &s.Avg300}
	pairs(words, func(name, value string) {
		if name == "total" {
			s.Total = r.parse(file, value)
		} else if average, ok := averages[name]; ok {
			n, err := strconv.ParseFloat(value, 64)
			if err != nil || n != n || n < 0 || n > 100 {
				r.fail(file, fmt.Errorf("%q is not a percentage", value))
				return
			}
			*average = n
		}
	})
	return s
}
