package podman

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

func volumes() []scenario {
	return []scenario{
		{Name: "--volume: read-write, read-only, labels ignored", Run: bindMounts},
		{Name: "--volume :U, of another user", Run: ownedVolume},
		{Name: "--volume NAME: content copied, kept", Run: namedVolume},
		{Name: "--volume :O, an overlay", Run: overlayVolume},
		{Name: "--volumes-from", Run: volumesFrom},
		{Name: "--volume of a file, in directories that are made", Run: fileVolume},
	}
}

func bindMounts(t testing.TB, p *podman) {
	dir := p.Mkdir(t, "shared")
	p.Write(t, "shared/from", "outside\n")
	p.prints(t, "outside\n", "cat /mnt/from; echo inside >/mnt/to", "--volume", dir+":/mnt")
	if text, err := os.ReadFile(dir + "/to"); err != nil || string(text) != "inside\n" {
		t.Errorf("%q, %v", text, err)
	}
	p.prints(t, "outside\nrefused\n", "cat /mnt/from; echo x 2>/dev/null >/mnt/x || echo refused", "--volume", dir+":/mnt:ro,Z")
	p.prints(t, "1\n", "grep -c ' /mnt .*nosuid,nodev,noexec' /proc/self/mounts", "--volume", dir+":/mnt:z,nosuid,nodev,noexec")
}

func ownedVolume(t testing.TB, p *podman) {
	dir := p.Mkdir(t, "owned")
	p.prints(t, "1000:1000\n", "echo x >/mnt/f && stat -c %u:%g /mnt/f", "--user", "1000:1000", "--volume", dir+":/mnt:U")
	p.takeBack(t, dir)
}

// takeBack makes the files of a directory the account's again.
func (p *podman) takeBack(t testing.TB, dir string) {
	t.Helper()
	if p.Account.Rootless() {
		p.ok(t, "unshare", "chown", "-R", "0:0", dir)
		return
	}
	if err := os.Chown(dir, 0, 0); err != nil {
		t.Error(err)
	}
}

func namedVolume(t testing.TB, p *podman) {
	t.Cleanup(func() { p.do(t, "volume", "rm", "--force", "kept") })
	p.prints(t, "root\n", "head -n1 /etc/passwd | cut -d: -f1; echo mine >/etc/mine", "--volume", "kept:/etc")
	p.prints(t, "mine\n", "cat /mnt/mine", "--volume", "kept:/mnt")
	equal(t, "volumes", p.ok(t, "volume", "ls", "--quiet"), "kept")
}

func overlayVolume(t testing.TB, p *podman) {
	dir := p.Mkdir(t, "lower")
	p.Write(t, "lower/file", "below\n")
	p.prints(t, "below\nabove\n", "cat /mnt/file; echo above >/mnt/file; cat /mnt/file", "--volume", dir+":/mnt:O")
	if text, _ := os.ReadFile(dir + "/file"); string(text) != "below\n" {
		t.Errorf("the directory below was changed: %q", text)
	}
}

func volumesFrom(t testing.TB, p *podman) {
	p.background(t, "first", "echo hello >/store/word; echo ready; sleep 1000", "--volume", "/store")
	p.ready(t, "first")
	p.prints(t, "hello\n", "cat /store/word", "--volumes-from", "first")
	p.ok(t, "rm", "--force", "--volumes", "--time", "0", "first")
}

// What the host mounts in a volume later is seen in it, if that is asked for.
func propagation(t testing.TB, p *podman) {
	outer := p.Mkdir(t, "outer")
	p.Mkdir(t, "outer/inner")
	for _, args := range []string{"--bind " + outer + " " + outer, "--make-shared " + outer} {
		if r := p.Do(t, "mount", strings.Fields(args)...); r.Code != 0 {
			t.Fatal(r.Stderr)
		}
	}
	t.Cleanup(func() { p.Do(t, "umount", "--recursive", outer) })
	mount := "type=bind,target=/mnt,source=" + outer + ",bind-propagation="
	p.background(t, "slave", "sleep 1000", "--mount", mount+"rslave")
	p.background(t, "private", "sleep 1000", "--mount", mount+"rprivate")
	if r := p.Do(t, "mount", "-t", "tmpfs", "later", outer+"/inner"); r.Code != 0 {
		t.Fatal(r.Stderr)
	}
	equal(t, "mounts of rslave", p.ok(t, "exec", "slave", "sh", "-c", "grep later /proc/mounts | wc -l"), 1)
	equal(t, "mounts of rprivate", p.ok(t, "exec", "private", "sh", "-c", "grep later /proc/mounts | wc -l"), 0)
}

func fileVolume(t testing.TB, p *podman) {
	file := p.Write(t, "single", "content\n")
	p.prints(t, "content\n", "cat /deep/down/file", "--volume", file+":/deep/down/file:ro")
	uid := strconv.Itoa(os.Getuid())
	r := p.do(t, "run", "--rm", "--volume", p.Path("nosuch")+":/mnt", image, "true")
	contains(t, "a source that is not there, as "+uid, r.Stderr, "no such file or directory")
	equal(t, "exit status", r, kegtest.Result{Stderr: r.Stderr, Code: 125})
}
