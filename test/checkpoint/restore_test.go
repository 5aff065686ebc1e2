package checkpoint

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// furnished has mounts of many kinds, one of them below a link of the image's,
// limits, and hooks that leave a note.
func furnished(t *testing.T) *box {
	b := newBox(t, func(s *oci.Spec) {
		s.Mounts = append(s.Mounts,
			oci.Mount{Destination: "/tmp", Type: "tmpfs", Source: "tmpfs", Options: []string{"nosuid", "size=1m"}},
			oci.Mount{Destination: "/link/shared", Source: "shared", Options: []string{"rbind", "nodev"}},
			oci.Mount{Destination: "/data/file", Source: "file", Options: []string{"bind", "ro"}},
			oci.Mount{Destination: "/data/same", Source: "file", Options: []string{"bind", "ro"}})
		pids, memory := int64(50), int64(64<<20)
		s.Linux.Resources.Pids = &oci.LinuxPids{Limit: &pids}
		s.Linux.Resources.Memory = &oci.LinuxMemory{Limit: &memory}
		s.Linux.Seccomp = &oci.LinuxSeccomp{DefaultAction: oci.ActAllow, Syscalls: []oci.LinuxSyscall{{Names: []string{"reboot"}, Action: oci.ActErrno}}}
	})
	if err := os.Mkdir(filepath.Join(b.Dir, "shared"), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(b.Dir, "shared", "note"), "from outside\n")
	write(t, filepath.Join(b.Dir, "file"), "one file\n")
	if err := os.Symlink("/data", filepath.Join(b.Dir, "rootfs/link")); err != nil {
		t.Fatal(err)
	}
	note := func(name string) []oci.Hook {
		return []oci.Hook{{Path: "/bin/sh", Args: []string{"sh", "-c", "cat >>" + filepath.Join(b.Dir, name)}}}
	}
	b.Spec.Hooks = &oci.Hooks{CreateRuntime: note("created"), StartContainer: nil, Poststart: note("started"), Poststop: note("stopped")}
	b.Write()
	return b
}

// shape is the mount table without what is different for each: numbers and
// devices.
func shape(mountinfo string) string {
	var out []string
	for line := range strings.Lines(mountinfo) {
		left, right, _ := strings.Cut(strings.TrimSpace(line), " - ")
		l, r := strings.Fields(left), strings.Fields(right)
		out = append(out, strings.Join([]string{l[3], l[4], l[5], r[0]}, " "))
	}
	slices.Sort(out)
	return strings.Join(out, "\n") + "\n"
}

// rights are what a process may do.
func rights(status string) string {
	var out strings.Builder
	for line := range strings.Lines(status) {
		name, _, _ := strings.Cut(line, ":")
		if strings.HasPrefix(name, "Cap") || strings.HasPrefix(name, "Seccomp") || name == "NoNewPrivs" || name == "Uid" || name == "Gid" || name == "Groups" || name == "NSpid" || name == "Umask" {
			fields := strings.Fields(line)
			out.WriteString(name + " " + fields[len(fields)-1] + "\n")
		}
	}
	return out.String()
}

func lines(text string) string { return strings.Join(strings.Fields(text), " ") }

// A program goes on where it was: with its memory, its mounts, its rights, its
// limits, and new pipes for the old ones. Between the two there is no container.
func TestGoesOn(t *testing.T) {
	needCRIU(t)
	before := kegtest.Leftovers()
	b := furnished(t)
	b.run()
	b.do(1, "secret=kept; echo inside >/tmp/x; echo more >>/data/shared/note; exec 5</tmp/x")
	mounts, status, old := shape(b.proc("mountinfo")), rights(b.proc("status"))+b.proc("limits")+b.proc("oom_score_adj"), b.pid()

	b.save(b.images("one"))
	b.hangUp()
	b.gone(before)
	if got := strings.Count(read(t, filepath.Join(b.Dir, "stopped")), `"status": "stopped"`); got != 1 {
		t.Errorf("%d poststop hooks after the checkpoint", got)
	}
	if _, err := os.Stat("/proc/" + strconv.Itoa(old)); err == nil {
		t.Errorf("the old init %d is still there", old)
	}

	b.Spec.Hostname = "another" // what is restored is not made by the configuration
	b.Write()
	b.restore(b.images("one"), "--pid-file", b.images("pid"))
	if got := lines(b.do(2, "echo $secret; cat <&5; cat /data/shared/note /data/file; hostname; echo $$")); got != "kept inside from outside more one file keg 1" {
		t.Errorf("the program finds %q", got)
	}
	b.do(3, "echo again >>/data/shared/note; echo no 2>/dev/null >>/data/file; echo no 2>/dev/null >/root/x")
	if got := read(t, filepath.Join(b.Dir, "shared/note")) + read(t, filepath.Join(b.Dir, "file")); got != "from outside\nmore\nagain\none file\n" {
		t.Errorf("outside there is %q", got)
	}
	b.alike(mounts, status)
	b.commands()
	must(t, b.Keg("delete", b.ID()))
	b.gone(before)
}

// alike compares the init with what it was before.
func (b *box) alike(mounts, status string) {
	b.t.Helper()
	if got := shape(b.proc("mountinfo")); got != mounts {
		b.t.Errorf("mounts were\n%sand are\n%s", mounts, got)
	}
	if got := rights(b.proc("status")) + b.proc("limits") + b.proc("oom_score_adj"); got != status {
		b.t.Errorf("rights were\n%sand are\n%s", status, got)
	}
	if _, err := os.Stat(filepath.Join(b.Dir, "rootfs/root/x")); err == nil {
		b.t.Error("a read-only root can be written to")
	}
	created := read(b.t, filepath.Join(b.Dir, "created"))
	if pid := `"pid": ` + strconv.Itoa(b.pid()); strings.Count(created, `"status": "creating"`) != 2 || !strings.Contains(created, pid) {
		b.t.Errorf("createRuntime hooks were told %s, want one of %s", created, pid)
	}
	if started := read(b.t, filepath.Join(b.Dir, "started")); strings.Count(started, "ociVersion") != 1 {
		b.t.Errorf("poststart hooks were told %s: nothing has started a second time", started)
	}
}

// commands are keg's on a container that was restored.
func (b *box) commands() {
	b.t.Helper()
	if got := read(b.t, b.images("pid")); got != strconv.Itoa(b.pid()) {
		b.t.Errorf("pid file %q, pid %d", got, b.pid())
	}
	if got := must(b.t, b.Keg("exec", b.ID(), "cat", "/tmp/x")); got != "inside\n" {
		b.t.Errorf("exec finds %q", got)
	}
	events := must(b.t, b.Keg("events", "--stats", b.ID()))
	for _, want := range []string{`"limit":50`, `"limit":67108864`, `"current":1`} {
		if !strings.Contains(events, want) {
			b.t.Errorf("no %s in %s", want, events)
		}
	}
	if got := must(b.t, b.Keg("ps", "--format", "json", b.ID())); got != "["+strconv.Itoa(b.pid())+"]\n" {
		b.t.Errorf("ps %q", got)
	}
	must(b.t, b.Keg("pause", b.ID()))
	must(b.t, b.Keg("resume", b.ID()))
	pid := b.pid()
	b.do(4, ":")
	must(b.t, b.Keg("kill", b.ID(), "KILL"))
	ended(b.t, pid)
	if got := must(b.t, b.Keg("state", b.ID())); !strings.Contains(got, `"status": "stopped"`) {
		b.t.Errorf("killed, it is %s", got)
	}
}

// Memory is saved while the program runs; what has not changed since is not saved
// again. The program goes on beside its images, and ends the keg that has
// restored it with its own status.
func TestChain(t *testing.T) {
	needCRIU(t)
	before := kegtest.Leftovers()
	b := newBox(t)
	b.run()
	b.do(1, "big=$(head -c 3000000 /dev/zero | tr '\\0' x)")
	b.save(b.images("1"), "--pre-dump")
	b.do(2, "small=new")
	must(t, b.Keg("pause", b.ID())) // as containerd does
	b.save(b.images("2"), "--parent-path", "../1", "--leave-running")
	must(t, b.Keg("resume", b.ID()))
	b.do(3, "big=; small=lost")
	must(t, b.Keg("delete", "-f", b.ID()))
	if first, second := size(t, b.images("1")), size(t, b.images("2")); first < 3_000_000 || second > first/2 {
		t.Errorf("the first images have %d bytes of memory, the second %d", first, second)
	}

	cmd := b.begin("restore", "--image-path", b.images("2"), "--bundle", b.Dir, b.ID())
	if got := lines(b.do(3, "echo ${#big} $small")); got != "3000000 new" {
		t.Errorf("the program finds %q", got)
	}
	if _, err := b.in.WriteString("exit 7\n"); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	if got := cmd.ProcessState.ExitCode(); got != 7 {
		t.Errorf("keg restore ends with %d\n%s", got, read(t, b.stderr()))
	}
	b.gone(before)
}

// size is that of the memory in images.
func size(t *testing.T, images string) (n int64) {
	t.Helper()
	pages, err := filepath.Glob(filepath.Join(images, "pages-*.img"))
	if err != nil || len(pages) == 0 {
		t.Fatalf("%v, %v", pages, err)
	}
	for _, name := range pages {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		n += info.Size()
	}
	return n
}
