package run

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

// A directory that only a group of the caller's may read is reached with the
// annotation, from a user namespace too, and not without it.
func TestKeepOriginalGroups(t *testing.T) {
	kegtest.NeedRoot(t)
	const group = 4242
	script := "cat /data/secret 2>/dev/null || echo refused; grep Groups /proc/self/status"
	for _, in := range []string{"the host's ids", "a user namespace"} {
		for annotation, want := range map[string]string{"": "refused\nGroups:\t \n", "1": "word\nGroups:\t4242 \n"} {
			b := kegtest.NewBundle(t, "sh", "-c", script)
			b.Spec.Process.User.UID, b.Spec.Process.User.GID = 1000, 1000
			if in == "a user namespace" {
				b = userBundle(t, script)
				want = strings.Replace(want, "4242", "65534", 1)
			}
			if annotation != "" {
				b.Spec.Annotations = map[string]string{"run.oci.keep_original_groups": annotation}
			}
			b.Write()
			secret(t, b.Dir+"/rootfs/data", group)
			got := inGroup(t, b, "run", "--bundle", b.Dir, b.ID())
			if got.Stdout != want {
				t.Errorf("in %s: printed %q, want %q\n%s", in, got.Stdout, want, got.Stderr)
			}
		}
	}
}

// secret is a file that root's processes without capabilities need the group for.
func secret(t *testing.T, dir string, group int) {
	t.Helper()
	for _, err := range []error{os.WriteFile(dir+"/secret", []byte("word\n"), 0o640), os.Chown(dir+"/secret", 65000, group)} {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func inGroup(t *testing.T, b *kegtest.Bundle, args ...string) kegtest.Result {
	t.Helper()
	words := append([]string{"--groups", "4242", kegtest.Keg(t), "--root", b.Root}, args...)
	return kegtest.Finish(t, exec.Command("setpriv", words...))
}
