package exec

import (
	"fmt"
	"os"
	osexec "os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// hostile is a container that runs a script with all that root in a user
// namespace may do.
func hostile(t *testing.T, script string) *kegtest.Bundle {
	t.Helper()
	b := bundle(t, userNamespace, func(s *oci.Spec) {
		s.Process.Args = []string{"sh", "-c", script}
		s.Linux.MaskedPaths, s.Linux.ReadonlyPaths = nil, nil
		s.Root.Readonly = false
	})
	b.Privileged()
	b.Spec.Process.Rlimits = nil
	if os.Geteuid() == 0 {
		give(t, b.Dir+"/rootfs")
	}
	start(t, b)
	return b
}

// patiently is what Stalled does, for longer: a busy machine takes its time to find the
// process that waits.
const patiently = "sendto:delay_enter=4000000"

// joiner is the process of keg's that waits in the container.
func joiner(t *testing.T, b *kegtest.Bundle) int {
	t.Helper()
	init := initPid(t, b)
	ns := link(t, init, "ns/pid")
	for range 6000 {
		all, _ := filepath.Glob("/proc/[0-9]*/comm")
		for _, file := range all {
			dir := filepath.Dir(file)
			name, _ := os.ReadFile(file)
			if theirs, _ := os.Readlink(dir + "/ns/pid"); string(name) == "keg-exec\n" && theirs == ns {
				kegtest.Asleep(filepath.Base(dir))
				return number(t, filepath.Base(dir))
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("nothing of keg's is in the container")
	return 0
}

// Whoever runs in the container, with all rights there, sees nothing of the
// process that joins it: CVE-2016-9962.
func TestJoinerCannotBeTraced(t *testing.T) {
	b := hostile(t, kegtest.Spy)
	r := b.Stalled(nil, func() {}, "exec", "-e", "HOME=/", b.ID(), "true")
	if r.Code != 0 {
		t.Errorf("exit status %d: %s", r.Code, r.Stderr)
	}
	if found := b.SpyFound(); found != "" {
		t.Errorf("the process that joins can be looked at:\n%.2000s", found)
	}
}

// Nor does that hold anything but its streams and keg's socket, whatever keg's
// caller had open: CVE-2016-9962, CVE-2024-21626.
func TestJoinerHoldsLittle(t *testing.T) {
	kegtest.NeedRoot(t) // nobody else sees its descriptors
	b := sleeper(t)
	host, err := os.Open("/")
	if err != nil {
		t.Fatal(err)
	}
	defer host.Close()
	extra := make([]*os.File, 38)
	extra[37] = host // 40
	b.Delayed(patiently, extra, func() {
		fds, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", joiner(t, b)))
		if err != nil || len(fds) != 4 {
			t.Errorf("it holds %v, %v", fds, err)
		}
	}, "exec", "-e", "HOME=/", b.ID(), "true")
}

// A working directory that leads to a descriptor of the host's is none:
// CVE-2024-21626.
func TestWorkingDirectoryOutside(t *testing.T) {
	b := sleeper(t, func(s *oci.Spec) { s.Root.Readonly = false })
	outside := kegtest.TempDir(t)
	write(t, outside+"/canary", "alive\n")
	rootfs := b.Dir + "/rootfs/data/"
	for fd := range 12 {
		if err := os.Symlink(fmt.Sprintf("/proc/self/fd/%d", fd), fmt.Sprintf("%sfd%d", rootfs, fd)); err != nil {
			t.Fatal(err)
		}
	}
	for fd := range 12 {
		for _, cwd := range []string{fmt.Sprintf("/proc/self/fd/%d", fd), fmt.Sprintf("/data/fd%d", fd)} {
			cmd := osexec.Command(kegtest.Keg(t), "--root", b.Root, "exec", "--preserve-fds", "2", "--cwd", cwd, b.ID(), "cat", "canary")
			for range 10 {
				dir, err := os.Open(outside)
				if err != nil {
					t.Fatal(err)
				}
				defer dir.Close()
				cmd.ExtraFiles = append(cmd.ExtraFiles, dir)
				cmd.Stdin = dir
			}
			r := kegtest.Finish(t, cmd)
			if r.Code != 255 || r.Stdout != "" || !strings.Contains(r.Stderr, "process.cwd") {
				t.Errorf("%s: outside of the root: exit status %d, %q, %s", cwd, r.Code, r.Stdout, r.Stderr)
			}
		}
	}
}

// A program that is a link to whoever runs it gets at most the interpreter:
// CVE-2019-5736.
func TestProgramIsTheInterpreter(t *testing.T) {
	keg := read(t, kegtest.Keg(t))
	b := hostile(t, `ln -s /proc/self/exe /data/evil; printf '#!/proc/self/exe\n' > /data/script; chmod 755 /data/script; echo > /data/ready; sleep 1000`)
	within(t, time.Minute, "it is ready", func() bool { _, err := os.Stat(b.Dir + "/rootfs/data/ready"); return err == nil })
	for _, program := range []string{"/data/evil", "/data/script"} {
		if r := b.Keg("exec", b.ID(), program); r.Code == 0 {
			t.Errorf("%s ran: %s", program, r.Stdout)
		}
	}
	if read(t, kegtest.Keg(t)) != keg {
		t.Error("keg's own file was changed")
	}
}

// troubled swaps what exec looks at, and stops or kills keg's processes.
const troubled = `cd /data; mkdir dir; ln -s $CANARY link; ln -s /proc/self/fd/3 fd; mkfifo fifo; echo x:x:0:0:x:/home:x > passwd
for s in 'dir link' 'dir fd' 'link dir'; do set -- $s; (while :; do mv -T $1 swap; mv -T $2 $1; mv -T swap $2; done) 2>/dev/null & done
(while :; do for f in fifo link passwd fd; do ln -sfn /data/$f /etc/passwd; done; done) &
while :; do
	for p in /proc/[0-9]*; do
		read name 2>/dev/null < $p/comm && [ "$name" = keg-exec ] && kill -$SIGNAL ${p#/proc/} 2>/dev/null
	done
done`

// While the container does what it can against it, exec works or fails, and
// reads and changes nothing outside.
func TestTroubledExec(t *testing.T) {
	canary := kegtest.TempDir(t)
	write(t, canary+"/f", "alive\n")
	rounds := kegtest.Rounds(10, 200)
	for _, signal := range []string{"CONT", "KILL"} {
		b := hostile(t, "CANARY="+canary+"; SIGNAL="+signal+"; "+troubled)
		failed := 0
		for range rounds {
			r := b.Keg("exec", "--cwd", "/data/dir", b.ID(), "sh", "-c", "cat f link/f ../link/f 2>/dev/null; echo $HOME")
			if strings.Contains(r.Stdout, "alive") {
				t.Fatalf("%s: the canary can be read", signal)
			}
			killed := signal == "KILL" && r.Code == 128+9 // by then it had become the program
			if r.Code != 0 && !killed {
				failed++
				if r.Code != 255 || !strings.HasPrefix(r.Stderr, "keg: ") {
					t.Errorf("%s: exit status %d: %s", signal, r.Code, r.Stderr)
				}
			}
		}
		t.Logf("%s: %d of %d failed", signal, failed, rounds)
	}
	if list, err := os.ReadDir(canary); err != nil || len(list) != 1 || read(t, canary+"/f") != "alive\n" {
		t.Errorf("the canary was touched: %v, %v", list, err)
	}
}

// A container may stop the process that joins it, as it could any program of
// its own, and exec waits. But keg ends when it is told to, and takes that
// process along.
func TestStoppedJoiner(t *testing.T) {
	kegtest.NeedRoot(t) // nobody else finds it
	b := sleeper(t)
	var stopped int
	started := time.Now()
	r := b.Stalled(nil, func() {
		if stopped = joiner(t, b); stopped == 0 {
			return
		}
		syscall.Kill(stopped, syscall.SIGSTOP)
		time.Sleep(1500 * time.Millisecond) // until keg waits
		for _, pid := range kegs(b.ID()) {
			syscall.Kill(pid, syscall.SIGTERM)
		}
	}, "exec", "-e", "HOME=/", b.ID(), "true")
	if took := time.Since(started); took > 30*time.Second || r.Code == 0 || !strings.Contains(r.Stderr, "came before the program ran") {
		t.Errorf("after %v: exit status %d, %s", took, r.Code, r.Stderr)
	}
	if _, err := os.Stat(fmt.Sprintf("/proc/%d", stopped)); err == nil {
		t.Error("the process that was to join is still there")
		syscall.Kill(stopped, syscall.SIGKILL)
	}
}

// kegs are the keg commands about a container.
func kegs(id string) []int {
	var pids []int
	all, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range all {
		line, _ := os.ReadFile(file)
		words := strings.Split(string(line), "\x00")
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file))); err == nil && filepath.Base(words[0]) == "keg" && slices.Contains(words, id) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// A program that may trace whatever it sees, as CAP_SYS_PTRACE allows without a
// user namespace, sees no process with more capabilities than its own but those
// that change users.
func TestJoinerHasFewCapabilities(t *testing.T) {
	kegtest.NeedRoot(t)
	b := sleeper(t, func(s *oci.Spec) {
		caps := []string{"CAP_SYS_PTRACE", "CAP_KILL", "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_SETGID", "CAP_SETUID", "CAP_SETPCAP"}
		s.Process.Capabilities = &oci.LinuxCapabilities{Bounding: caps, Effective: caps, Permitted: caps}
		s.Process.Rlimits = nil
	})
	own := status(t, initPid(t, b), "CapPrm")
	b.Delayed(patiently, nil, func() {
		pid := joiner(t, b)
		if got := status(t, pid, "CapPrm"); got != own || status(t, pid, "CapEff") != own {
			t.Errorf("the process that joins has the capabilities %s, the container's program %s", got, own)
		}
	}, "exec", "-e", "HOME=/", b.ID(), "true")
}
