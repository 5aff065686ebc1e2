package kegtest

import (
	"fmt"
	"os"
	"testing"
)

// Kernel tells whether Linux is of this version or later: for what keg documents
// to be otherwise before it.
func Kernel(t testing.TB, major, minor int) bool {
	t.Helper()
	release, err := os.ReadFile("/proc/sys/kernel/osrelease")
	must(t, err)
	var a, b int
	if _, err := fmt.Sscanf(string(release), "%d.%d", &a, &b); err != nil {
		t.Fatalf("%s: %v", release, err)
	}
	return a > major || a == major && b >= minor
}
