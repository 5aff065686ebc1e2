// Package pid1 has keg as the first process of a container that it did not make.
package pid1

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/keg-project/keg/test/kegtest"
)

func TestMain(m *testing.M) { kegtest.Main(m) }

// system is a root directory with scripts in /etc/init.d.
type system struct {
	t    *testing.T
	root string
	cmd  *exec.Cmd

	mu  sync.Mutex
	out bytes.Buffer
}

func (s *system) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out.Write(p)
}

func (s *system) said() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out.String()
}

func newSystem(t *testing.T, scripts ...string) *system {
	t.Helper()
	kegtest.NeedRoot(t) // who may make namespaces and change the root
	s := &system{t: t, root: kegtest.TempDir(t)}
	kegtest.Populate(t, s.root)
	for _, dir := range []string{"etc/init.d", "etc/shutdown.d", "proc", "dev"} {
		if err := os.MkdirAll(filepath.Join(s.root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	keg, err := os.ReadFile(kegtest.Keg(t))
	if err != nil {
		t.Fatal(err)
	}
	s.file("init", string(keg))
	for i, text := range scripts {
		s.file("etc/init.d/00"+strconv.Itoa(i), "#!/bin/sh\n"+text+"\n")
	}
	return s
}

func (s *system) file(name, text string) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.root, name), []byte(text), 0o755); err != nil {
		s.t.Fatal(err)
	}
}

// start starts it as the first process of a pid namespace.
func (s *system) start(args ...string) { s.execute("/init", syscall.CLONE_NEWPID, args...) }

func (s *system) execute(path string, namespaces uintptr, args ...string) {
	s.t.Helper()
	null := filepath.Join(s.root, "dev/null")
	if _, err := os.Stat(null); err != nil {
		if err := syscall.Mknod(null, syscall.S_IFCHR|0o666, 1<<8|3); err != nil {
			s.t.Fatal(err)
		}
	}
	s.cmd = &exec.Cmd{Path: path, Args: args, Dir: "/", Env: []string{"PATH=/bin"}, Stdout: s, Stderr: s,
		SysProcAttr: &syscall.SysProcAttr{Chroot: s.root, Unshareflags: syscall.CLONE_NEWNS, Cloneflags: syscall.CLONE_NEWUTS | namespaces}}
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		s.cmd.Process.Kill()
		s.cmd.Wait()
	})
}

// wants waits until it has said all of this.
func (s *system) wants(words ...string) {
	s.t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		said, missing := s.said(), ""
		for _, w := range words {
			if !strings.Contains(said, w) {
				missing = w
			}
		}
		if missing == "" {
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("it does not say %q:\n%s", missing, said)
		}
	}
}

// ends waits for its end.
func (s *system) ends(status int) {
	s.t.Helper()
	ended := time.AfterFunc(time.Minute, func() { s.cmd.Process.Kill() })
	s.cmd.Wait()
	ended.Stop()
	if got := s.cmd.ProcessState.ExitCode(); got != status {
		s.t.Errorf("it ended with %v, not with status %d:\n%s", s.cmd.ProcessState, status, s.said())
	}
}

const (
	orphan = `( (sleep 0.05; exec true) & echo $! >/orphan) & wait
while kill -0 $(cat /orphan) 2>/dev/null; do sleep 0.01; done; echo orphan reaped`
	polite   = `( trap 'echo polite ends; exit' TERM; echo polite is ready; while :; do sleep 0.02; done ) &`
	stubborn = `( trap '' TERM; echo stubborn is ready; while :; do sleep 0.02; done ) &`
)

// It runs the scripts in order, reaps what it inherits, and TERM ends it and
// all that runs.
func TestFirstProcess(t *testing.T) {
	s := newSystem(t, "echo first of $(cat /proc/1/comm) on $(hostname)", orphan, polite, "echo last; exit 3")
	s.file("etc/hostname", "test-system\n")
	s.file("etc/shutdown.d/000", "#!/bin/sh\necho shutdown script\n")
	s.start("init", "quiet", "--what-the-kernel-gives")
	s.wants("first of init on test-system", "orphan reaped", "polite is ready", "last", "003: exit status 3")
	s.cmd.Process.Signal(syscall.SIGTERM)
	s.wants("shutdown script", "polite ends")
	s.ends(1) // of the script that failed
	if first, last := strings.Index(s.said(), "first of"), strings.Index(s.said(), "last"); first > last {
		t.Error("the scripts are not in order")
	}
}

// A script need not say that it is the shell's; what is nobody's is an error.
func TestScriptWithoutInterpreter(t *testing.T) {
	s := newSystem(t)
	s.file("etc/init.d/000-plain", "echo plain $0 of $$\nexit 4\n")
	s.file("etc/init.d/010-broken", "#!/no/such/shell\n")
	s.start("init")
	s.ends(1)
	s.wants("plain /etc/init.d/000-plain of", "000-plain: exit status 4", "010-broken: no such file or directory (hint: the file is there, and the interpreter")
}

// What catches SIGTERM is killed in the end.
func TestStubborn(t *testing.T) {
	s := newSystem(t, stubborn, "echo last")
	s.start("init")
	s.wants("stubborn is ready", "last")
	s.cmd.Process.Signal(syscall.SIGPWR)
	s.ends(0)
	s.wants("killed after 5s", `"000"`)
}

// When nothing runs any more a container is over.
func TestEndsWithItsLastChild(t *testing.T) {
	s := newSystem(t, "(sleep 0.2; echo the last one ends) &", "echo scripts are done")
	s.start("init")
	s.ends(0)
	s.wants("scripts are done", "the last one ends")
}

// An order counts while a script runs.
func TestEndDuringScript(t *testing.T) {
	s := newSystem(t, "echo begun; exec sleep 1000", "echo must not run")
	s.start("init")
	s.wants("begun")
	s.cmd.Process.Signal(syscall.SIGTERM)
	s.ends(0)
	if strings.Contains(s.said(), "must not run") {
		t.Error("the next script ran")
	}
}

// Signals that are no orders do not end it, and it does nothing while it waits.
func TestStraySignalsAndRest(t *testing.T) {
	s := newSystem(t, polite, "echo last")
	s.start("init")
	s.wants("polite is ready", "last")
	for _, sig := range []syscall.Signal{syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGABRT, syscall.SIGALRM, syscall.SIGPIPE, syscall.SIGSYS, syscall.SIGXCPU, syscall.SIGTRAP,
		syscall.SIGSEGV, syscall.SIGBUS, syscall.SIGFPE, syscall.SIGILL} {
		s.cmd.Process.Signal(sig)
	}
	before := ticks(t, s.cmd.Process.Pid)
	time.Sleep(500 * time.Millisecond)
	if spent := ticks(t, s.cmd.Process.Pid) - before; spent > 15 { // of 50
		t.Errorf("it has used %d ticks of 50", spent)
	}
	s.cmd.Process.Signal(syscall.SIGTERM)
	s.ends(0)
}

func ticks(t *testing.T, pid int) int {
	t.Helper()
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return user + system
}

func TestNothingToRun(t *testing.T) {
	s := newSystem(t)
	os.RemoveAll(filepath.Join(s.root, "etc/init.d"))
	s.start("init")
	s.ends(1)
	s.wants("nothing to run: there is neither /etc/init.d nor /containers")
}

// Among the machine's processes it is a subreaper, and ends its own descendants
// alone, of whatever session.
func TestSubreaper(t *testing.T) {
	s := newSystem(t, "setsid sh -c '"+strings.ReplaceAll(polite, "'", `"`)+"'", orphan, "echo last")
	other := exec.Command("sleep", "1000")
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	defer other.Wait()
	defer other.Process.Kill()
	s.execute("/bin/sh", 0, "sh", "-c", "mount -t proc proc /proc && exec /init boot init")
	s.wants("polite is ready", "orphan reaped", "last")
	s.cmd.Process.Signal(syscall.SIGTERM)
	s.ends(0)
	s.wants("polite ends")
	if stat, err := os.ReadFile("/proc/" + strconv.Itoa(other.Process.Pid) + "/stat"); err != nil || !bytes.Contains(stat, []byte(") S ")) {
		t.Errorf("another process has ended: %q %v", stat, err)
	}
}
