package launch

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// keg's first thread, which stays, copies nothing as the owner of a tmpfs.
func TestCopyUpLeavesFirstThread(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	for range 20 {
		from, to := copyDirs(t)
		check(t, os.Chown(to, 1, 1))
		check(t, copyDir(t, from, to))
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/self/task/%d/status", os.Getpid()))
	check(t, err)
	if _, uids, _ := strings.Cut(string(status), "\nUid:"); !strings.HasPrefix(uids, "\t0\t0\t0\t0\n") {
		line, _, _ := strings.Cut(uids, "\n")
		t.Errorf("the first thread has the users%s", line)
	}
}
