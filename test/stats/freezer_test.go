package stats

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

func setFrozen(t *testing.T, dir string, frozen bool) {
	t.Helper()
	file, values := "freezer.state", [2]string{"THAWED", "FROZEN"}
	if pureV2() {
		file, values = "cgroup.freeze", [2]string{"0", "1"}
	}
	value := values[0]
	if frozen {
		value = values[1]
	}
	write(t, filepath.Join(dir, file), value)
	within(t, time.Minute, "the freezer is "+value, func() bool { return isFrozen(t, dir) == frozen })
}

func isFrozen(t *testing.T, dir string) bool {
	t.Helper()
	if pureV2() {
		return strings.Contains(read(t, filepath.Join(dir, "cgroup.events")), "frozen 1")
	}
	return strings.HasPrefix(read(t, filepath.Join(dir, "freezer.state")), "FROZEN")
}

// child is a process's first child.
func child(t *testing.T, pid int) int {
	t.Helper()
	name := strconv.Itoa(pid)
	fields := strings.Fields(read(t, "/proc/"+name+"/task/"+name+"/children"))
	if len(fields) == 0 {
		t.Fatalf("process %d has no child", pid)
	}
	n, err := strconv.Atoi(fields[0])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// removeEverywhere removes an empty cgroup from all hierarchies.
func removeEverywhere(t *testing.T, name string) {
	t.Helper()
	for _, pattern := range []string{"/sys/fs/cgroup/*/" + name, "/sys/fs/cgroup/" + name} {
		dirs, _ := filepath.Glob(pattern)
		for _, dir := range dirs {
			if err := syscall.Rmdir(dir); err != nil {
				t.Errorf("%s: %v", dir, err)
			}
		}
	}
}

// stalling makes a directory with a mount, "x", whose questions nobody answers:
// who looks at it sleeps in the kernel, and cannot be frozen there, until the
// mount is given up.
func stalling(t *testing.T) (dir string, giveUp func()) {
	t.Helper()
	fd, err := syscall.Open("/dev/fuse", syscall.O_RDWR|syscall.O_CLOEXEC, 0)
	if err != nil {
		kegtest.Skip(t, "/dev/fuse: %v", err)
	}
	dir = kegtest.TempDir(t)
	mount := filepath.Join(dir, "x")
	if err := os.Mkdir(mount, 0o755); err != nil {
		t.Fatal(err)
	}
	options := "fd=" + strconv.Itoa(fd) + ",rootmode=40000,user_id=0,group_id=0,allow_other"
	if err := syscall.Mount("keg-test", mount, "fuse", 0, options); err != nil {
		syscall.Close(fd)
		t.Fatal(err)
	}
	giveUp = sync.OnceFunc(func() { syscall.Close(fd) })
	t.Cleanup(func() {
		giveUp()
		syscall.Unmount(mount, syscall.MNT_DETACH)
	})
	greet(t, fd)
	return dir, giveUp
}

// greet answers the first question alone, FUSE_INIT: who asks before that is
// done could be frozen. fuse(4)
func greet(t *testing.T, fd int) {
	t.Helper()
	buf := make([]byte, 1<<17)
	if _, err := syscall.Read(fd, buf); err != nil {
		t.Fatal(err)
	}
	const header, body = 16, 64
	answer := make([]byte, header+body)
	binary.NativeEndian.PutUint32(answer, header+body)
	copy(answer[8:16], buf[8:16]) // which question it is about
	binary.NativeEndian.PutUint32(answer[header:], 7)
	binary.NativeEndian.PutUint32(answer[header+4:], 31)
	binary.NativeEndian.PutUint32(answer[header+20:], 4096) // longest write
	if _, err := syscall.Write(fd, answer); err != nil {
		t.Fatal(err)
	}
}

// Something that cannot be frozen is named, and then nothing is.
func TestPauseFails(t *testing.T) {
	kegtest.NeedRoot(t)
	dir, giveUp := stalling(t)
	b := running(t, counting+` & exec ls /tmp/stalled/x`, func(s *oci.Spec) {
		s.Mounts = append(s.Mounts, oci.Mount{Destination: "/tmp/stalled", Source: dir, Type: "bind", Options: []string{"rbind"}})
	})
	pid := state(t, b).Pid
	within(t, time.Minute, "the program waits for an answer", func() bool {
		return strings.Contains(read(t, "/proc/"+strconv.Itoa(pid)+"/comm"), "ls") &&
			!strings.Contains(read(t, "/proc/"+strconv.Itoa(pid)+"/status"), "State:\tR")
	})
	began := time.Now()
	refused(t, b.Keg("pause", b.ID()), "processes ["+strconv.Itoa(pid)+"] are in a wait of the kernel that cannot be interrupted, and have not stopped within 5s; all run on")
	if took := time.Since(began); took > time.Minute {
		t.Errorf("pause took %v", took)
	}
	if s := state(t, b); s.Status != "running" {
		t.Errorf("%+v", s)
	}
	counts(t, b, 10)
	giveUp()
}
