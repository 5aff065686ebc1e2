package pid1

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/test/kegtest"
)

// leaveDir tells the test binary to leave a root that is mounted there.
const leaveDir = "KEG_TEST_LEAVE"

func TestMain(m *testing.M) {
	if slices.Equal(os.Args[1:], []string{"boot", "services"}) {
		os.Exit(supervisor(os.Getenv(keeperDir)))
	}
	dir := os.Getenv(leaveDir)
	if dir == "" {
		os.Exit(m.Run())
	}
	if err := leave(dir); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("left")
}

// A tmpfs in a mount namespace of its own stands for the initramfs.
func TestLeaveInitramfs(t *testing.T) {
	kegtest.NeedRoot(t) // who may mount
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), leaveDir+"="+kegtest.TempDir(t))
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
	if out, err := cmd.CombinedOutput(); err != nil || string(out) != "left\n" {
		t.Fatalf("%v\n%s", err, out)
	}
}

func leave(dir string) error {
	if err := errors.Join(
		linux.MountAt("first", dir, "tmpfs", 0, "mode=711"),
		os.Mkdir(dir+"/bin", 0o755), os.Mkdir(dir+"/proc", 0o555),
		os.WriteFile(dir+"/bin/program", []byte("text"), 0o755),
		linux.Chroot(dir), os.Chdir("/"), linux.MountAt("proc", "/proc", "proc", 0, ""),
	); err != nil {
		return err
	}
	old, err := os.Open("/")
	if err != nil {
		return err
	}
	defer old.Close()
	if err := leaveInitramfs(); err != nil {
		return err
	}
	// The way of every runtime: a root directory of a container's own.
	return errors.Join(inNewRoot(old), os.Mkdir("/container", 0o755), linux.MountAt("root", "/container", "tmpfs", 0, ""),
		syscall.PivotRoot("/container", "/container"))
}

func inNewRoot(old *os.File) error {
	var errs []error
	if text, err := os.ReadFile("/bin/program"); err != nil || string(text) != "text" {
		errs = append(errs, fmt.Errorf("the program is %q, %v", text, err))
	}
	if at, err := os.Getwd(); at != "/" || err != nil {
		errs = append(errs, fmt.Errorf("the working directory is %q, %v", at, err))
	}
	var before, now linux.FileStat
	errs = append(errs, linux.Stat(old, &before), linux.LstatFile("/", &now))
	if before.Dev == now.Dev || now.Mode&0o777 != 0o711 {
		errs = append(errs, fmt.Errorf("the root is on device %d, was on %d, with mode %o", now.Dev, before.Dev, now.Mode))
	}
	left, err := old.Readdirnames(-1)
	if slices.Sort(left); strings.Join(left, " ") != "mnt proc" { // mount points
		errs = append(errs, fmt.Errorf("left behind: %q, %v", left, err))
	}
	return errors.Join(errs...)
}
