package unit

import (
	"math"
	"strconv"
	"strings"

	"github.com/keg-project/keg/resources"
)

const (
	second        = 1_000_000 // in microseconds
	defaultPeriod = 100_000
)

// quota is the time on the CPUs, which is in two files on v1, and as systemd
// counts it: of a second.
func quota(writes []resources.Write) []Property {
	text, period, found := "", "", false
	for _, w := range writes {
		switch w.File {
		case "cpu.max":
			text, period, _ = strings.Cut(w.Value, " ")
		case "cpu.cfs_quota_us":
			text = w.Value
		case "cpu.cfs_period_us":
			period = w.Value
		default:
			continue
		}
		found = true
	}
	if !found {
		return nil
	}
	var list []Property
	length, err := strconv.ParseUint(period, 10, 64)
	if err != nil || length == 0 {
		length = defaultPeriod
	} else {
		list = append(list, Property{"CPUQuotaPeriodUSec", length})
	}
	perSecond := uint64(math.MaxUint64)
	if n, err := strconv.ParseUint(text, 10, 32); err == nil {
		perSecond = wholePercent(n * second / length)
	}
	return append(list, Property{"CPUQuotaPerSecUSec", perSecond})
}

// wholePercent rounds up: systemd keeps a transient unit's quota in percent,
// and a reload would round it down, below what the container may have.
func wholePercent(n uint64) uint64 {
	const percent = second / 100
	return (n + percent - 1) / percent * percent
}
