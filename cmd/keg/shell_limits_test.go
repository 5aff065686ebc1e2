package main

import (
	"strings"
	"testing"
)

func TestShellLimits(t *testing.T) {
	for in, want := range map[string]int64{"64m": 1 << 26, "1G": 1 << 30, "1048576": 1 << 20} {
		if got, err := parseMemory(in); err != nil || got != want {
			t.Errorf("--memory %s: %d, %v", in, got, err)
		}
	}
	for in, want := range map[string]int{"2": 2000, "0.5": 500, ".29": 290, "0.01": 10, "1.": 1000, "128": 128000} {
		if got, err := parseCPUs(in); err != nil || got != want {
			t.Errorf("--cpus %s: %d, %v", in, got, err)
		}
	}
	if got, err := parsePids("50"); got != 50 || err != nil {
		t.Errorf("--pids 50: %d, %v", got, err)
	}
}

// An empty value, as of a variable that is not set, would be no limit.
func TestShellLimitsRefused(t *testing.T) {
	for flag, values := range map[string][]string{
		"--memory": {"", "0", "1k", "1048575", "-1", "64x"},
		"--cpus":   {"", "0", "0.001", "-1", "+1", "1e3", "inf", "nan", "0x1p2", "two", ".", "1.2.3", "2000000", "1,5"},
		"--pids":   {"", "0", "1", "-1", "+5", "max", "1.5", "4294967296", "5m"},
	} {
		for _, v := range values {
			status, _, stderr := keg("shell", flag+"="+v, "--", "true")
			if status != 1 || !strings.HasPrefix(stderr, "keg: shell: "+flag+": \""+v+"\" is ") {
				t.Errorf("%s=%s: status %d, %s", flag, v, status, stderr)
			}
		}
	}
}
