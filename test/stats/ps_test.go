package stats

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

func pids(t *testing.T, b *kegtest.Bundle, args ...string) (pids []int) {
	t.Helper()
	if args == nil {
		args = []string{"ps", "--format", "json", b.ID()}
	}
	if err := json.Unmarshal([]byte(must(t, b.Keg(args...))), &pids); err != nil {
		t.Fatal(err)
	}
	return pids
}

// descendants are a process and all processes below one.
func descendants(t *testing.T, pid int) []int {
	t.Helper()
	name, all := strconv.Itoa(pid), []int{pid}
	text, _ := os.ReadFile("/proc/" + name + "/task/" + name + "/children")
	for _, word := range strings.Fields(string(text)) {
		n, err := strconv.Atoi(word)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, descendants(t, n)...)
	}
	return all
}

// All processes of a container and no others, also of a container without a
// cgroup, and also those in a pid namespace below its own.
func TestPsJSON(t *testing.T) {
	b := running(t, "sleep 1000 & sleep 1000 & unshare -p -f sleep 1000; exit 1", sysAdmin)
	init := state(t, b).Pid
	within(t, time.Minute, "the processes are there", func() bool { return len(descendants(t, init)) == 5 })
	want := descendants(t, init)
	slices.Sort(want)
	for _, args := range [][]string{
		{"ps", "--format", "json", b.ID()}, {"ps", "-f", "json", b.ID()}, {"ps", "--format=json", b.ID()}, {"ps", b.ID(), "--format", "json"}, {"ps", b.ID(), "-f", "json"},
	} {
		if got := pids(t, b, args...); !slices.Equal(got, want) {
			t.Errorf("%v: %v, want %v", args, got, want)
		}
	}
}

// sysAdmin lets the container's root make namespaces.
func sysAdmin(s *oci.Spec) {
	c := s.Process.Capabilities
	for _, set := range []*[]string{&c.Bounding, &c.Effective, &c.Permitted} {
		*set = append(*set, "CAP_SYS_ADMIN")
	}
	s.Linux.Seccomp = nil
}

// What joins a container is listed, and so is what is in a sub-cgroup.
func TestPsListsWhatJoins(t *testing.T) {
	b := running(t, "exec sleep 1000")
	file := filepath.Join(b.Dir, "exec.pid")
	must(t, b.Keg("exec", "-d", "--pid-file", file, b.ID(), "sleep", "1000"))
	init, joined := state(t, b).Pid, atoi(t, read(t, file))
	want := []int{init, joined}
	slices.Sort(want)
	if got := pids(t, b); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if os.Geteuid() != 0 {
		return
	}
	for _, dir := range cgroups(t, joined) {
		moveBelow(t, dir, joined)
	}
	if got := pids(t, b); !slices.Equal(got, want) {
		t.Errorf("in a sub-cgroup: %v, want %v", got, want)
	}
}

// moveBelow moves a process into a new sub-cgroup.
func moveBelow(t *testing.T, dir string, pid int) {
	t.Helper()
	sub := filepath.Join(dir, "sub")
	if err := os.Mkdir(sub, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"cpuset.cpus", "cpuset.mems"} { // v1: takes no process without
		if text, err := os.ReadFile(filepath.Join(dir, file)); err == nil && !pureV2() {
			write(t, filepath.Join(sub, file), string(text))
		}
	}
	write(t, filepath.Join(sub, "cgroup.procs"), strconv.Itoa(pid))
}

func atoi(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestPsTable(t *testing.T) {
	if _, err := exec.LookPath("ps"); err != nil {
		kegtest.Skip(t, "no ps(1): run test/setup")
	}
	b := running(t, "exec sleep 1000")
	pid := strconv.Itoa(state(t, b).Pid)
	within(t, time.Minute, "the shell has become sleep", func() bool { return read(t, "/proc/"+pid+"/cmdline") == "sleep\x001000\x00" })
	lines := func(args ...string) []string {
		t.Helper()
		return strings.Split(strings.TrimSuffix(must(t, b.Keg(args...)), "\n"), "\n")
	}
	if got := lines("ps", b.ID()); len(got) != 2 || !strings.HasPrefix(got[0], "UID ") || !slices.Contains(strings.Fields(got[1]), pid) {
		t.Errorf("%q", got)
	}
	for _, args := range [][]string{
		{"ps", b.ID(), "-eo", "ppid,pid,args"}, {"ps", b.ID(), "--", "-eo", "ppid,pid,args"}, {"ps", "-f", "table", b.ID(), "-e", "-o", "ppid,pid,args"},
		{"ps", b.ID(), "-f", "table", "-eo", "ppid,pid,args"},
	} {
		got := lines(args...)
		if len(got) != 2 || strings.Join(strings.Fields(got[0]), " ") != "PPID PID COMMAND" || !strings.HasSuffix(got[1], " "+pid+" sleep 1000") {
			t.Errorf("%v: %q", args, got)
		}
	}
	refused(t, b.Keg("ps", b.ID(), "-eo", "comm"), `ps: no PID column in "COMMAND"`)
	refused(t, b.Keg("ps", b.ID(), "--frobnicate"), "ps: exit status 1: error: unknown gnu long option")
}

// A stopped container has no processes: to engines that ask for them in the moment
// when it ends, this is no error.
func TestPsOfStopped(t *testing.T) {
	b := bundle(t, "exit 0")
	must(t, b.Keg("run", "-d", "--bundle", b.Dir, b.ID()))
	within(t, time.Minute, "it has ended", func() bool { return state(t, b).Status == "stopped" })
	if got := must(t, b.Keg("ps", "-f", "json", b.ID())); got != "[]\n" {
		t.Errorf("%q", got)
	}
	if got := must(t, b.Keg("ps", b.ID())); !strings.HasPrefix(got, "UID ") || strings.Count(got, "\n") != 1 {
		t.Errorf("%q", got)
	}
}

func TestPsRefuses(t *testing.T) {
	b := bundle(t, "exit 0")
	refused(t, b.Keg("ps", "keg-test-none"), "does not exist")
	refused(t, b.Keg("ps", "-f", "yaml", b.ID()), `"yaml" is not one of table, json`)
}

// A container in the caller's own pid namespace and without a cgroup cannot be
// told from the rest of the machine.
func TestPsKnowsNothing(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root has cgroups")
	}
	b := running(t, "exec sleep 1000", func(s *oci.Spec) {
		s.Linux.Namespaces = slices.DeleteFunc(s.Linux.Namespaces, func(n oci.LinuxNamespace) bool { return n.Type == oci.PIDNamespace })
		s.Mounts = slices.DeleteFunc(s.Mounts, func(m oci.Mount) bool { return m.Type == "proc" })
		s.Linux.MaskedPaths, s.Linux.ReadonlyPaths = nil, nil
	})
	pid := state(t, b).Pid
	if strings.Contains(read(t, "/proc/"+strconv.Itoa(pid)+"/cgroup"), b.ID()) {
		if got := pids(t, b); !slices.Equal(got, []int{pid}) {
			t.Errorf("%v, want [%d]", got, pid)
		}
		return
	}
	refused(t, b.Keg("ps", b.ID()), "has neither a cgroup nor a pid namespace of its own")
}
