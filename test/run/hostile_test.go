package run

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"unsafe"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// exchange swaps two names in one step, as an attacker would. renameat2(2),
// RENAME_EXCHANGE
func exchange(a, b string) {
	call := uintptr(316) // SYS_RENAMEAT2, which package syscall does not name
	if runtime.GOARCH == "arm64" {
		call = 276
	}
	x, _ := syscall.BytePtrFromString(a)
	y, _ := syscall.BytePtrFromString(b)
	cwd := -100
	syscall.Syscall6(call, uintptr(cwd), uintptr(unsafe.Pointer(x)), uintptr(cwd), uintptr(unsafe.Pointer(y)), 2, 0)
}

// canary is a tree on the host that nothing may touch.
func canary(t *testing.T) hostTree {
	t.Helper()
	return newHostTree(t, "mkdir -p c/d c/proc c/dev; echo alive > c/f; echo alive > c/d/f; chmod 711 c c/d; chmod 600 c/f c/d/f; touch -d 2001-01-01 c/f c/d/f c/d c")
}

func snapshot(t *testing.T, tree hostTree) string {
	t.Helper()
	out, err := exec.Command("sh", "-c", `cd "$1" && find . -printf '%p %y %m %U:%G %T@ %C@ %s\n' | sort && cat c/f c/d/f`, "sh", string(tree)).Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// A thread swaps directories of a volume for links that lead to the canary
// while containers start that mount below it.
func TestSwappedDestinations(t *testing.T) {
	rounds := kegtest.Rounds(30, 300)
	tree := canary(t)
	before := snapshot(t, tree)
	volume := newHostTree(t, "mkdir -p a/b/c x; chmod 777 a a/b a/b/c")
	must(t, os.Symlink(tree.path("c"), volume.path("link")))
	must(t, os.Symlink(strings.Repeat("../", 20)+tree.path("c")[1:], volume.path("x/up")))
	stop := make(chan bool)
	var swapping sync.WaitGroup
	for _, pair := range [][2]string{{"a/b", "link"}, {"a", "x"}, {"a/b/c", "x/up"}} {
		swapping.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					exchange(volume.path(pair[0]), volume.path(pair[1]))
				}
			}
		})
	}
	ran := 0
	for i := range rounds {
		b := bundle(t, "cat /v/a/b/f /v/link/f /v/a/b/d/f 2>/dev/null; echo ran", hostileMounts(string(volume))...)
		b.Spec.Linux.MaskedPaths = append(b.Spec.Linux.MaskedPaths, "/v/a/b/f", "/v/a/b/d")
		b.Spec.Linux.ReadonlyPaths = append(b.Spec.Linux.ReadonlyPaths, "/v/a/b", "/v/link")
		b.Spec.Process.Cwd = "/v/a/b/cwd"
		must(t, os.MkdirAll(b.Dir+"/rootfs"+tree.path("c/d"), 0o777)) // so that the links lead somewhere
		if os.Geteuid() == 0 {
			b.Spec.Linux.Devices = []oci.LinuxDevice{{Path: "/v/a/b/null", Type: "c", Major: 1, Minor: 3}}
		}
		r := b.Run()
		if strings.Contains(r.Stdout, "alive") {
			t.Fatalf("round %d: the canary can be read", i)
		}
		if r.Code == 0 {
			ran++
		} else {
			t.Log(r.Stderr)
		}
	}
	close(stop)
	swapping.Wait()
	t.Logf("%d of %d containers ran", ran, rounds)
	if after := snapshot(t, tree); after != before {
		t.Errorf("the canary was touched:\n%s\nbefore:\n%s", after, before)
	}
}

func hostileMounts(volume string) []oci.Mount {
	return []oci.Mount{
		bind(volume, "/v"), tmpfs("/v/a/b/t"), tmpfs("/v/a/b/c/u", "tmpcopyup"), tmpfs("/v/a/b/s", "mode=700", "shared"),
		bind("/bin", "/v/a/b/bin"), bind("/bin/busybox", "/v/a/b/file", "ro"), tmpfs("/v/a/b", "tmpcopyup"),
	}
}

// Images whose own files lead out: nothing on the host is read or changed.
func TestHostileImages(t *testing.T) {
	tree := canary(t)
	before := snapshot(t, tree)
	up := strings.Repeat("../", 20) + tree.path("c")[1:]
	for i, script := range []string{
		"rmdir proc; ln -s %s/proc proc", "rmdir dev; ln -s %s/dev dev", "rmdir sys; ln -s %s/d sys", "rmdir data; ln -s %s data",
		"rm -r etc; ln -s %s etc", "rm etc/passwd; ln -s %s/f etc/passwd", "ln -s %s/f dev/null", "ln -s %s/f dev/console", "rmdir tmp; ln -s %s/d tmp",
		"ln -s %s/new new",
	} {
		for k, target := range []string{tree.path("c"), up} {
			t.Run(fmt.Sprint(i, k), func(t *testing.T) {
				b := bundle(t, "cat /data/f /etc/passwd /tmp/f 2>/dev/null", tmpfs("/data/t"), tmpfs("/tmp/u", "tmpcopyup"), bind("/bin", "/etc/made"), bind("/bin/busybox", "/new/file"))
				b.Spec.Process.Cwd = "/data/cwd"
				b.Spec.Process.User.Umask = nil
				inImage(t, b, fmt.Sprintf(script, target))
				if r := b.Run(); strings.Contains(r.Stdout, "alive") {
					t.Error("the canary can be read")
				}
			})
		}
	}
	if after := snapshot(t, tree); after != before {
		t.Errorf("the canary was touched:\n%s\nbefore:\n%s", after, before)
	}
}
