package run

import (
	"strings"
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

// An image can make a directory that tmpcopyup is for a link to its procfs or
// sysfs: what only the host's root may read there, or what is masked later, is
// not copied to where the container can.
func TestTmpCopyUpOfProc(t *testing.T) {
	kegtest.NeedRoot(t)
	for _, to := range []string{"/proc", "/proc/sys/kernel", "/sys/kernel", "/proc/self/net"} {
		b := bundle(t, "ls /run/", tmpfs("/run", "tmpcopyup", "size=4m"))
		inImage(t, b, "rmdir run; ln -s "+to+" run")
		r := b.Run()
		if r.Code == 0 || !strings.Contains(r.Stderr, "tmpcopyup") || !strings.Contains(r.Stderr, "file system of the kernel's") {
			t.Errorf("%s: copied: exit status %d, %q\n%s", to, r.Code, r.Stdout, r.Stderr)
		}
	}
}

// The container's /etc/passwd can be a link to a file of the kernel's that
// changes with being read: that is not looked at.
func TestPasswdIsNoFileOfTheKernel(t *testing.T) {
	kegtest.NeedRoot(t)
	b := bundle(t, "echo $HOME", mount("tmpfs", "x:0:1:2:/read:x", "/m")) // an entry of root's, in what stands before it
	inImage(t, b, "rm etc/passwd; ln -s /proc/self/mountinfo etc/passwd")
	if r := b.Run(); r.Stdout != "/\n" {
		t.Errorf("read from procfs: HOME is %s%s", r.Stdout, r.Stderr)
	}
}
