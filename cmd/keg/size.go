package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// parseSize reads a number of bytes as runc's callers write it: 50M, 1g, 64MiB,
// 1.5G, 1048576. All units are powers of 1024, and all of the text counts: what
// is read loosely limits to something else.
func parseSize(v string) (int64, error) {
	bad := fmt.Errorf("%q is not a size, such as 1048576, 50M, 1.5g or 64MiB", v)
	digits, unit := v, ""
	if i := strings.LastIndexAny(v, "0123456789"); i >= 0 {
		digits, unit = v[:i+1], v[i+1:]
	}
	shift, ok := unitShift(strings.ToLower(unit))
	whole, fraction, broken := strings.Cut(digits, ".")
	n, err := strconv.ParseUint(whole, 10, 63)
	if !ok || err != nil && !isRange(err) || broken && (shift == 0 || !isFraction(fraction)) {
		return 0, bad
	}
	if err != nil || n > math.MaxInt64>>shift {
		return 0, fmt.Errorf("%q is too large: at most %d bytes", v, int64(math.MaxInt64))
	}
	size := n << shift
	if broken {
		size += partOf(fraction, shift)
	}
	return int64(size), nil
}

// parseLimit is parseSize, or -1 for none.
func parseLimit(v string) (int64, error) {
	if v == "-1" {
		return -1, nil
	}
	n, err := parseSize(v)
	if err != nil && strings.HasPrefix(v, "-") {
		return 0, fmt.Errorf("%q is neither a size nor -1, which is unlimited", v)
	}
	return n, err
}

// unitShift knows "m", "mb" and "mib", and "b" alone.
func unitShift(unit string) (shift uint, ok bool) {
	if unit == "" || unit == "b" {
		return 0, true
	}
	i := strings.IndexByte("kmgtp", unit[0])
	rest := unit[1:]
	return 10 * uint(i+1), i >= 0 && (rest == "" || rest == "b" || rest == "ib")
}

func isRange(err error) bool {
	e, ok := err.(*strconv.NumError)
	return ok && e.Err == strconv.ErrRange
}

func isFraction(s string) bool {
	return s != "" && len(s) <= 3 && strings.Trim(s, "0123456789") == ""
}

// partOf is 0.FRACTION of 1<<shift, rounded down.
func partOf(fraction string, shift uint) uint64 {
	n, _ := strconv.ParseUint(fraction, 10, 16)
	scale := uint64(1)
	for range fraction {
		scale *= 10
	}
	return n << shift / scale
}
