// Package dockerd starts Docker's daemon for a test: on files, sockets and
// namespaces of its own, with the runtime that is to be tried; and calls the
// client, and finds what is left in the end.
//
// It knows no scenario: those are in the packages docker and swarm.
package dockerd

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

// Daemon is a dockerd with a network and a mount namespace of its own: bridges,
// rules of iptables and mounts vanish with them.
type Daemon struct {
	engines.Namespaces
	Runtime engines.Runtime
	Dir     string // its files, but for those on file systems of the namespace's own
	setup   Setup
	parent  string // of the containers' cgroups
	dockerd *exec.Cmd
	names   int
}

// Setup is how a daemon differs from others.
type Setup struct {
	Flags    []string // dockerd's
	Env      []string // dockerd's
	Hostname string   // in a namespace of its own; the machine's without
	Prepare  string   // a script in its namespaces, before it begins
}

// prepare makes the namespace's own places for what Docker and containerd write
// outside their roots.
const prepare = `cd "$0"
` + engines.OwnRun + `mkdir data shared
mount -t tmpfs data data
mount -t tmpfs shared shared
mount --make-rshared shared
mount --bind subids /etc/subuid
mount --bind subids /etc/subgid
ip link set lo up
[ -z "$1" ] || hostname "$1"
`

// Begin starts a daemon, which ends with the test.
func Begin(t testing.TB, r engines.Runtime, setup Setup) *Daemon {
	t.Helper()
	d := &Daemon{Runtime: r, Dir: kegtest.TempDir(t), setup: setup}
	d.parent = filepath.Base(d.Dir)
	if systemd() {
		d.parent += ".slice"
	}
	t.Cleanup(func() { d.removeParents(t) })
	// A range of ids for --userns-remap, whatever the machine has.
	engines.Write(t, filepath.Join(d.Dir, "subids"), "daemon:200000:65536\n")
	flags := syscall.CLONE_NEWNS | syscall.CLONE_NEWNET
	if setup.Hostname != "" {
		flags |= syscall.CLONE_NEWUTS
	}
	d.Namespaces = engines.Hold(t, uintptr(flags), prepare+setup.Prepare, d.Dir, setup.Hostname)
	d.Launch(t)
	t.Cleanup(func() { d.stop(t) })
	return d
}

// systemd tells whether it is the machine's first process.
func systemd() bool {
	_, err := os.Stat("/run/systemd/system")
	return err == nil
}

// arguments are dockerd's. A test machine may lack the right to lower anybody's
// oom_score_adj, as the daemon does to its own unless told otherwise.
func (d *Daemon) arguments() []string {
	in := func(name string) string { return filepath.Join(d.Dir, name) }
	args := []string{"dockerd", "--data-root", in("data"), "--exec-root", in("exec"), "-H", "unix://" + in("socket"),
		"--pidfile", in("pid"), "--config-file", in("daemon.json"),
		"--storage-driver", "overlay2", "--oom-score-adjust", "0", "--cgroup-parent", d.parent,
		"--default-runtime", d.Runtime.Name}
	if d.Runtime.Name != "runc" { // which Docker knows, and lets nobody redefine
		args = append(args, "--add-runtime", d.Runtime.Name+"="+d.Runtime.Path)
	}
	if systemd() {
		args = append(args, "--exec-opt", "native.cgroupdriver=systemd")
	} else {
		args[slot(args, "--cgroup-parent")] = "/" + d.parent
	}
	return append(args, d.setup.Flags...)
}

func slot(args []string, flag string) int {
	for i, a := range args {
		if a == flag {
			return i + 1
		}
	}
	panic(flag)
}

// Launch starts dockerd, and waits until it answers.
func (d *Daemon) Launch(t testing.TB) {
	t.Helper()
	log, err := os.OpenFile(filepath.Join(d.Dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	engines.Write(t, filepath.Join(d.Dir, "daemon.json"), `{"deprecated-key-path": "`+d.Dir+`/key"}`)
	d.dockerd = d.Within(d.arguments()...)
	d.dockerd.Env = append(os.Environ(), d.setup.Env...)
	d.dockerd.Stdout, d.dockerd.Stderr = log, log
	if err := d.dockerd.Start(); err != nil {
		t.Fatal(err)
	}
	engines.Until(t, "0", func() string {
		if !kegtest.Alive(d.dockerd.Process.Pid) {
			d.dockerd.Wait()
			t.Fatalf("dockerd: %s", d.Log())
		}
		return strconv.Itoa(d.Docker(t, "version").Code)
	})
}

// Kill ends dockerd as a crash would. Its containerd ends with it.
func (d *Daemon) Kill() {
	d.dockerd.Process.Kill()
	d.dockerd.Wait()
}

// stop has dockerd end its containers and itself.
func (d *Daemon) stop(t testing.TB) {
	t.Helper()
	d.dockerd.Process.Signal(syscall.SIGTERM)
	timer := time.AfterFunc(engines.Patience, func() { d.dockerd.Process.Kill() })
	defer timer.Stop()
	if err := d.dockerd.Wait(); err != nil {
		t.Errorf("dockerd: %v\n%s", err, d.Log())
	}
}

// Log is the end of what dockerd has said.
func (d *Daemon) Log() string {
	text, _ := os.ReadFile(filepath.Join(d.Dir, "log"))
	return string(text[max(0, len(text)-4000):])
}

// Title is the engine's, with its version and where it is from.
func Title(t testing.TB) string {
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
