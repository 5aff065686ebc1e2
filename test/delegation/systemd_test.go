package delegation

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

// Outside of what is delegated to the user, the user's systemd makes a cgroup for
// the limits of `keg shell`.
func TestShellSystemd(t *testing.T) {
	pureV2(t)
	if _, err := os.Stat("/run/systemd/system"); err != nil {
		t.Skip("needs systemd")
	}
	if out, err := exec.Command("loginctl", "enable-linger", strconv.Itoa(user)).CombinedOutput(); err != nil {
		kegtest.Skip(t, "loginctl: %v, %s", err, out)
	}
	there := func() bool {
		_, err := os.Stat("/run/user/" + strconv.Itoa(user) + "/systemd/private")
		return err == nil
	}
	t.Cleanup(func() {
		exec.Command("loginctl", "disable-linger", strconv.Itoa(user)).Run()
		eventually(t, "the end of the user's manager", func() bool { return !there() })
	})
	eventually(t, "a manager of the user", there)
	own := "keg-test-" + strconv.Itoa(os.Getpid())
	must(t, os.Mkdir(mountRoot+"/"+own, 0o755))
	t.Cleanup(func() { os.Remove(mountRoot + "/" + own) })
	b := users(t, "")
	r := as(t, own, b, "shell", "--memory", "32m", "--cpus", "0.5", "--pids", "4", "--", "sh", "-c", forks)
	if !strings.Contains(r.Stdout, "started 2\n") || strings.Contains(r.Stdout, "started 4\n") || strings.Contains(r.Stderr, "warning") {
		t.Errorf("exit status %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
	r = as(t, own, b, "shell", "--memory", "16m", "--", "sh", "-c", "x=a; while :; do x=$x$x; done")
	if r.Code != 128+9 {
		t.Errorf("it was not killed for its memory: exit status %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
}
