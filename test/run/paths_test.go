package run

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// inImage makes files in a bundle's root.
func inImage(t *testing.T, b *kegtest.Bundle, script string) {
	t.Helper()
	newHostTree(t, "cd "+b.Dir+"/rootfs; "+script)
}

const imageTree = "mkdir -p d/sub e/sub/deep; echo secret > d/f; echo secret > f; ln -s d link; ln -s /f flink; echo x > e/sub/deep/f; ln -s nowhere dangling"

func TestMaskedPaths(t *testing.T) {
	for _, user := range []bool{false, true} {
		t.Run(fmt.Sprint("userns=", user), func(t *testing.T) {
			const script = `ls -A /d /e/sub; cat /f; stat -c '%n %F' /f /d /e/sub; touch /d/x 2>&1; mkdir /e/sub/y 2>&1; ls /link/; echo w > /f; cat /mnt/f; test -s /proc/kcore || echo covered`
			b := bundle(t, script, bind("vol", "/mnt"))
			if user {
				b = userBundle(t, script, bind("vol", "/mnt"))
			}
			must(t, os.Mkdir(b.Dir+"/vol", 0o755))
			must(t, os.WriteFile(b.Dir+"/vol/f", []byte("secret\n"), 0o644))
			inImage(t, b, imageTree)
			b.Spec.Linux.MaskedPaths = []string{"/nowhere", "/nowhere/at/all", "/f/below/a/file", "/f", "/d", "/e/sub", "/mnt/f", "/proc/kcore", "/d", "/dangling"}
			wantOutput(t, b, `/d:

/e/sub:
/f character special file
/d directory
/e/sub directory
touch: /d/x: Read-only file system
mkdir: can't create directory '/e/sub/y': Read-only file system
covered
`)
			if text, _ := os.ReadFile(b.Dir + "/vol/f"); string(text) != "secret\n" {
				t.Errorf("the volume was changed: %q", text)
			}
		})
	}
}

// Links are followed inside the root: what they lead to is covered.
func TestMaskedThroughLinks(t *testing.T) {
	b := bundle(t, "ls -A /d /link/; cat /f /flink /e/sub/deep/f; stat -c %F /link")
	inImage(t, b, imageTree+"; ln -s ../../e/../../e abs; rm -f e/l; ln -s /../../e/sub e/l")
	b.Spec.Linux.MaskedPaths = []string{"/link", "/flink", "/e/l/deep/f"}
	wantOutput(t, b, "/d:\n\n/link/:\nsymbolic link\n")
}

func TestReadonlyPaths(t *testing.T) {
	for _, user := range []bool{false, true} {
		t.Run(fmt.Sprint("userns=", user), func(t *testing.T) {
			const script = `cat /f /d/f; for f in /f /d/new /d/sub/new /link/x /e/sub/deep/f /mnt/vol/f /e/writable; do (echo x > $f) 2>/dev/null && echo "$f written"; done; true`
			mounts := []oci.Mount{bind("vol", "/mnt/vol"), bind("vol", "/d/sub")}
			b := bundle(t, script, mounts...)
			if user {
				b = userBundle(t, script, mounts...)
			}
			must(t, os.Mkdir(b.Dir+"/vol", 0o755))
			must(t, os.Chmod(b.Dir+"/vol", 0o777))
			inImage(t, b, imageTree+"; chmod -R a+rwX .")
			b.Spec.Linux.ReadonlyPaths = []string{"/nowhere", "/f", "/d", "/e/sub", "/mnt", "/f/x/y", "/e/sub/deep"}
			// Mounts below keep what they are: runtime-spec says of the path only.
			wantOutput(t, b, "secret\nsecret\n/d/sub/new written\n/mnt/vol/f written\n/e/writable written\n")
		})
	}
}

// A masked path below a read-only one, and the other way round, stay both.
func TestMaskedAndReadonly(t *testing.T) {
	b := bundle(t, `ls -A /d/sub; touch /d/x /e/sub/x /e/sub/deep/x 2>&1; ls -A /e/sub; cat /d/f`)
	inImage(t, b, imageTree+"; touch d/sub/hidden")
	b.Spec.Linux.MaskedPaths = []string{"/d/sub", "/e/sub", "/d/f"}
	b.Spec.Linux.ReadonlyPaths = []string{"/d", "/e/sub/deep", "/d/sub"}
	wantOutput(t, b, "touch: /d/x: Read-only file system\ntouch: /e/sub/x: Read-only file system\ntouch: /e/sub/deep/x: No such file or directory\n")
}

// Hundreds of paths stay cheap: two file systems cover all of them. How long
// it takes is only printed, since machines differ.
func TestManyPaths(t *testing.T) {
	const n = 500
	var script strings.Builder
	fmt.Fprintf(&script, "for i in $(seq %d); do mkdir -p many/d$i many/r$i; echo x > many/f$i; done", n/2)
	bare, with := bundle(t, "true"), bundle(t, "true")
	inImage(t, bare, script.String())
	inImage(t, with, script.String())
	for i := range n / 2 {
		with.Spec.Linux.MaskedPaths = append(with.Spec.Linux.MaskedPaths, fmt.Sprint("/many/d", i+1), fmt.Sprint("/many/f", i+1))
	}
	without, least := time.Hour, time.Hour
	for range 5 { // in turns: others use the machine, too
		without, least = min(without, duration(bare)), min(least, duration(with))
	}
	t.Logf("masked: %v each", (least-without)/n)
	with.Spec.Process.Args = []string{"sh", "-c", "ls /many/d* | grep -cv :; cat /many/f*; grep -c ' /many/' /proc/self/mountinfo; " +
		"grep ' /many/' /proc/self/mountinfo | cut -d' ' -f3 | sort -u | wc -l"}
	if out := with.Output(); !strings.HasSuffix(out, fmt.Sprint("\n", n, "\n2\n")) {
		t.Errorf("covered: %s", out)
	}
}

func duration(b *kegtest.Bundle) time.Duration {
	start := time.Now()
	b.Output()
	return time.Since(start)
}
