package doctor

import (
	"strconv"
	"strings"
)

const subjectLimits = "resource limits"

// limitFacts are hard limits: they are what keg and containers cannot exceed.
type limitFacts struct {
	uid                     int
	nofile, nproc           uint64
	nofileKnown, nprocKnown bool
}

const unlimited = ^uint64(0)

func examineLimits(m *machine) []Finding {
	text := content("/proc/self/limits")
	f := limitFacts{uid: m.uid}
	f.nofile, f.nofileKnown = hardLimit(text, "Max open files")
	f.nproc, f.nprocKnown = hardLimit(text, "Max processes")
	return f.findings()
}

// hardLimit reads a line of proc_pid_limits(5).
func hardLimit(text, name string) (uint64, bool) {
	for line := range strings.Lines(text) {
		rest, ok := strings.CutPrefix(line, name)
		fields := strings.Fields(rest)
		if !ok || len(fields) < 2 {
			continue
		}
		if fields[1] == "unlimited" {
			return unlimited, true
		}
		n, err := strconv.ParseUint(fields[1], 10, 64)
		return n, err == nil
	}
	return 0, false
}

func limitText(n uint64) string {
	if n == unlimited {
		return "unlimited"
	}
	return strconv.FormatUint(n, 10)
}

const limitsMend = "a line in /etc/security/limits.d/keg.conf, then log in anew; for a service: "

func (f limitFacts) findings() []Finding {
	var list []Finding
	if f.nofileKnown {
		found := ok(subjectLimits, "open files", limitText(f.nofile), "the hard limit: process.rlimits of a container cannot exceed it, unless keg has CAP_SYS_RESOURCE").detail()
		if f.nofile < 4096 {
			found = found.bad(Warning, "at most "+limitText(f.nofile), "* hard nofile 1048576 as "+limitsMend+"LimitNOFILE=1048576")
		}
		list = append(list, found)
	}
	if f.nprocKnown {
		found := ok(subjectLimits, "processes", limitText(f.nproc), "all processes of the user, those in containers included").detail()
		if f.uid != 0 && f.nproc < 512 {
			found = found.bad(Warning, "at most "+limitText(f.nproc), "* hard nproc 32768 as "+limitsMend+"LimitNPROC=32768")
		}
		list = append(list, found)
	}
	return list
}
