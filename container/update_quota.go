package container

import "github.com/keg-project/keg/resources"

// withPeriods adds, for v1, the file that has the other half of a quota: systemd
// counts with both.
func withPeriods(limits []resources.Write) []resources.Write {
	const quota, period = "cpu.cfs_quota_us", "cpu.cfs_period_us"
	list := append([]resources.Write(nil), limits...)
	for _, w := range limits {
		switch w.File {
		case quota:
			w.File = period
		case period:
			w.File = quota
		default:
			continue
		}
		list = append(list, w)
	}
	return list
}
