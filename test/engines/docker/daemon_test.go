package docker

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/keg-project/keg/test/engines"
	"github.com/keg-project/keg/test/kegtest"
)

// client is the one that belongs to the daemon; another may come first in PATH.
const client = "/usr/bin/docker"

// daemon is a dockerd with a network and a mount namespace of its own: bridges,
// rules of iptables and mounts vanish with them.
type daemon struct {
	runtime engines.Runtime
	dir     string // its files, but for those on file systems of the namespace's own
	parent  string // of the containers' cgroups
	flags   []string
	holder  *exec.Cmd // keeps the namespaces
	dockerd *exec.Cmd
	names   int
}

// prepare makes the namespace's own places for what Docker and containerd write
// outside their roots. Systemd's bus stays.
const prepare = `set -e
cd "$0"
mkdir data old shared
mount --rbind /run old
mount -t tmpfs -o mode=755 run /run
for d in systemd dbus; do
	if [ -d old/$d ]; then mkdir /run/$d; mount --rbind old/$d /run/$d; fi
done
umount -l old
mount -t tmpfs data data
mount -t tmpfs shared shared
mount --make-rshared shared
mount --bind subids /etc/subuid
mount --bind subids /etc/subgid
ip link set lo up
echo ready
exec sleep infinity`

// start is for the scenarios: it has the image, and nothing may be left at its end.
func start(t testing.TB, r engines.Runtime) *daemon {
	d := begin(t, r)
	d.importImage(t)
	before := d.remains(t)
	t.Cleanup(func() { d.clean(t, before) })
	return d
}

// begin starts a daemon, which ends with the test.
func begin(t testing.TB, r engines.Runtime, flags ...string) *daemon {
	t.Helper()
	d := &daemon{runtime: r, dir: kegtest.TempDir(t), flags: flags}
	d.parent = filepath.Base(d.dir)
	if systemd() {
		d.parent += ".slice"
	}
	t.Cleanup(func() { d.removeParents(t) })
	d.hold(t)
	d.launch(t)
	t.Cleanup(func() { d.stop(t) })
	return d
}

// systemd tells whether it is the machine's first process.
func systemd() bool {
	_, err := os.Stat("/run/systemd/system")
	return err == nil
}

func (d *daemon) hold(t testing.TB) {
	t.Helper()
	// A range of ids for --userns-remap, whatever the machine has.
	write(t, filepath.Join(d.dir, "subids"), "daemon:200000:65536\n")
	d.holder = exec.Command("sh", "-c", prepare, d.dir)
	d.holder.Stderr = os.Stderr
	d.holder.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWNET}
	stdout, err := d.holder.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := d.holder.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		d.holder.Process.Kill()
		d.holder.Wait()
	})
	if n, err := stdout.Read(make([]byte, 16)); n == 0 {
		t.Fatalf("no namespaces for dockerd: %v", err)
	}
}

// within is a command in the daemon's namespaces.
func (d *daemon) within(args ...string) *exec.Cmd {
	pid := strconv.Itoa(d.holder.Process.Pid)
	return exec.Command("nsenter", append([]string{"-t", pid, "-m", "-n", "--"}, args...)...)
}

// arguments are dockerd's. A test machine may lack the right to lower anybody's
// oom_score_adj, as the daemon does to its own unless told otherwise.
func (d *daemon) arguments() []string {
	in := func(name string) string { return filepath.Join(d.dir, name) }
	args := []string{"dockerd", "--data-root", in("data"), "--exec-root", in("exec"), "-H", "unix://" + in("socket"),
		"--pidfile", in("pid"), "--config-file", in("daemon.json"),
		"--storage-driver", "overlay2", "--oom-score-adjust", "0", "--cgroup-parent", d.parent,
		"--default-runtime", d.runtime.Name}
	if d.runtime.Name != "runc" { // which Docker knows, and lets nobody redefine
		args = append(args, "--add-runtime", d.runtime.Name+"="+d.runtime.Path)
	}
	if systemd() {
		args = append(args, "--exec-opt", "native.cgroupdriver=systemd")
	} else {
		args[slot(args, "--cgroup-parent")] = "/" + d.parent
	}
	return append(args, d.flags...)
}

func slot(args []string, flag string) int {
	for i, a := range args {
		if a == flag {
			return i + 1
		}
	}
	panic(flag)
}

// launch starts dockerd, and waits until it answers.
func (d *daemon) launch(t testing.TB) {
	t.Helper()
	log, err := os.OpenFile(filepath.Join(d.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	write(t, filepath.Join(d.dir, "daemon.json"), `{"deprecated-key-path": "`+d.dir+`/key"}`)
	d.dockerd = d.within(d.arguments()...)
	d.dockerd.Stdout, d.dockerd.Stderr = log, log
	if err := d.dockerd.Start(); err != nil {
		t.Fatal(err)
	}
	until(t, "0", func() string {
		if !alive(d.dockerd.Process.Pid) {
			d.dockerd.Wait()
			t.Fatalf("dockerd: %s", d.log())
		}
		return strconv.Itoa(d.docker(t, "version").Code)
	})
}

// stop has dockerd end its containers and itself.
func (d *daemon) stop(t testing.TB) {
	t.Helper()
	d.dockerd.Process.Signal(syscall.SIGTERM)
	timer := time.AfterFunc(patience, func() { d.dockerd.Process.Kill() })
	defer timer.Stop()
	if err := d.dockerd.Wait(); err != nil {
		t.Errorf("dockerd: %v\n%s", err, d.log())
	}
}

// log is the end of what dockerd has said.
func (d *daemon) log() string {
	text, _ := os.ReadFile(filepath.Join(d.dir, "log"))
	return string(text[max(0, len(text)-4000):])
}

// alive tells whether a process runs: neither gone nor a zombie.
func alive(pid int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	after := strings.LastIndex(string(stat), ") ")
	return err == nil && after >= 0 && !strings.HasPrefix(string(stat)[after+2:], "Z")
}

// title is the engine's, with its version and where it is from.
func title(t testing.TB) string {
	t.Helper()
	out, err := exec.Command("dockerd", "--version").Output()
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.FieldsFunc(string(out), func(r rune) bool { return r == ' ' || r == '+' || r == ',' })
	if len(fields) < 3 {
		t.Fatalf("%s", out)
	}
	return "Docker " + fields[2] + " (docker.io)"
}
