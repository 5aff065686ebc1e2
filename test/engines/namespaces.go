package engines

import (
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"
)

// OwnRun begins the script of Hold in a directory of the test's: with a mount
// namespace it gives engines a /run of their own. Systemd's bus stays.
const OwnRun = `mkdir old
mount --rbind /run old
mount -t tmpfs -o mode=755 run /run
for d in systemd dbus; do
	if [ -d old/$d ]; then mkdir /run/$d; mount --rbind old/$d /run/$d; fi
done
umount -l old
`

// Namespaces are kept by a process that waits in them, until the test's end.
type Namespaces struct{ holder *exec.Cmd }

// Hold makes those of the flags, and has a script prepare them, which prints
// "ready" at its end and goes on.
func Hold(t testing.TB, flags uintptr, script string, args ...string) Namespaces {
	t.Helper()
	holder := exec.Command("sh", append([]string{"-ec", script + "\necho ready; exec sleep infinity"}, args...)...)
	holder.Stderr = os.Stderr
	holder.SysProcAttr = &syscall.SysProcAttr{Unshareflags: flags}
	stdout, err := holder.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		holder.Process.Kill()
		holder.Wait()
	})
	if n, err := stdout.Read(make([]byte, 16)); n == 0 {
		t.Fatalf("no namespaces for the engine: %v", err)
	}
	return Namespaces{holder}
}

// PID is of the process that keeps them.
func (n Namespaces) PID() string { return strconv.Itoa(n.holder.Process.Pid) }

// Within is a command in them.
func (n Namespaces) Within(args ...string) *exec.Cmd {
	return exec.Command("nsenter", append([]string{"-t", n.PID(), "-m", "-n", "-u", "--"}, args...)...)
}
