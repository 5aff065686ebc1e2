package main

import (
	"math"
	"strings"
	"testing"
)

func TestParseSize(t *testing.T) {
	for in, want := range map[string]int64{
		"0": 0, "1": 1, "1048576": 1 << 20, "10b": 10, "10B": 10,
		"1k": 1 << 10, "1K": 1 << 10, "1kb": 1 << 10, "1KiB": 1 << 10,
		"50M": 50 << 20, "50m": 50 << 20, "50MB": 50 << 20, "50MiB": 50 << 20,
		"1g": 1 << 30, "2T": 2 << 40, "3p": 3 << 50, "007": 7,
		"1.5g": 3 << 29, "0.25k": 256, "0.001k": 1, "1.001M": 1<<20 + 1048, "1.50G": 3 << 29,
		"9223372036854775807": math.MaxInt64, "8191p": 8191 << 50,
	} {
		if got, err := parseSize(in); err != nil || got != want {
			t.Errorf("%q: %d, %v; want %d", in, got, err, want)
		}
	}
}

func TestParseSizeRefuses(t *testing.T) {
	for _, in := range []string{
		"", " ", "k", "m1", "1x", "1kk", "1mi", "1bb", "1 M", " 1", "1 ", "1M ", "1M\n", "+1", "-1", "-5M", "0x10", "1_000", "1e3",
		"1,5g", ".5g", "1.g", "1.5", "1.5b", "1.2.3g", "1.-5g", "1.+5g", "1.5555g", "½g", "１M", "1M1", "∞",
	} {
		if got, err := parseSize(in); err == nil || !strings.Contains(err.Error(), "is not a size") {
			t.Errorf("%q: %d, %v", in, got, err)
		}
	}
	for _, in := range []string{"9223372036854775808", "18446744073709551616", "99999999999999999999999", "8192p", "9007199254740992k"} {
		if got, err := parseSize(in); err == nil || !strings.Contains(err.Error(), "is too large") {
			t.Errorf("%q: %d, %v", in, got, err)
		}
	}
}

func TestParseLimit(t *testing.T) {
	if n, err := parseLimit("-1"); n != -1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	for _, in := range []string{"-2", "-1m", "--1", "-", "-1 "} {
		if n, err := parseLimit(in); err == nil || !strings.Contains(err.Error(), "-1, which is unlimited") {
			t.Errorf("%q: %d, %v", in, n, err)
		}
	}
}
