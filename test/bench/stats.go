package main

import "slices"

// quantile of a list that need not be sorted.
func quantile(list []float64, q float64) float64 {
	if len(list) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(list))
	at := q * float64(len(sorted)-1)
	low := int(at)
	if low+1 == len(sorted) {
		return sorted[low]
	}
	return sorted[low] + (at-float64(low))*(sorted[low+1]-sorted[low])
}

func median(list []float64) float64 { return quantile(list, 0.5) }

// ratio compares two contenders in two ways: the ratio of their medians, and
// the median of the ratios of neighbours, which a machine whose speed drifts
// does not disturb.
func ratio(a, b []float64) (ofMedians, ofPairs float64) {
	n := min(len(a), len(b))
	if n == 0 || median(b) == 0 {
		return 0, 0
	}
	pairs := make([]float64, n)
	for i := range pairs {
		pairs[i] = a[i] / b[i]
	}
	return median(a) / median(b), median(pairs)
}
