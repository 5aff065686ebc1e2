package run

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keg-project/keg/spec"
	"github.com/keg-project/keg/test/kegtest"
)

// What engines write runs as it is, but for the program, which tells what it
// got: a masked path is empty, /proc/sys cannot be written to.
func TestEngineConfigs(t *testing.T) {
	kegtest.NeedRoot(t)
	const script = `hostname; pwd; wc -c < /proc/timer_list; (echo x > /proc/sys/kernel/domainname) 2>&1 | grep -c Read-only; ls /dev | grep -cx null; awk '/^Seccomp:/ { print $2 }' /proc/self/status`
	for _, engine := range []string{"docker", "containerd", "podman"} {
		t.Run(engine, func(t *testing.T) {
			config, err := os.ReadFile(filepath.Join("../../spec/testdata", engine+".json"))
			if err != nil {
				t.Fatal(err)
			}
			b := kegtest.NewBundle(t)
			if b.Spec, err = spec.Decode(config); err != nil {
				t.Fatal(err)
			}
			b.Spec.Process.Args = []string{"sh", "-c", script}
			r := b.Run()
			hostname := b.Spec.Hostname
			if hostname == "" {
				hostname, _ = os.Hostname()
			}
			filter := "0"
			if b.Spec.Linux.Seccomp != nil {
				filter = "2" // SECCOMP_MODE_FILTER
			}
			want := strings.Join([]string{hostname, b.Spec.Process.Cwd, "0", "1", "1", filter, ""}, "\n")
			if r.Code != 0 || r.Stdout != want {
				t.Errorf("exit status %d, %q, want %q\n%s", r.Code, r.Stdout, want, r.Stderr)
			}
		})
	}
}
