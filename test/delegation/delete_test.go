package delegation

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// inHosts is a container that sees all of the machine's cgroups at /data, and
// may write there.
func inHosts(t *testing.T, script string) *kegtest.Bundle {
	t.Helper()
	kegtest.NeedRoot(t)
	b := kegtest.NewBundle(t, "sh", "-c", script)
	b.Spec.Mounts = append(b.Spec.Mounts, oci.Mount{Destination: "/data", Source: mountRoot, Options: []string{"rbind", "rw"}})
	return b
}

func withoutPidNamespace(b *kegtest.Bundle) {
	b.Spec.Linux.Namespaces = slices.DeleteFunc(b.Spec.Linux.Namespaces, func(n oci.LinuxNamespace) bool { return n.Type == oci.PIDNamespace })
}

// start starts the container.
func start(t *testing.T, b *kegtest.Bundle) {
	t.Helper()
	b.Write()
	t.Cleanup(func() { b.Keg("delete", "-f", b.ID()) })
	if r := b.Keg("run", "-d", "--pid-file", filepath.Join(b.Dir, "pid"), "--bundle", b.Dir, b.ID()); r.Code != 0 {
		t.Fatal(r.Stderr)
	}
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within 20 s: %s", what)
		}
	}
}

// cgroups lists those of the container, in all hierarchies.
func cgroups(b *kegtest.Bundle) (found []string) {
	filepath.WalkDir(mountRoot, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.IsDir() && strings.Contains(path, b.ID()) {
			found = append(found, path)
		}
		return nil
	})
	return found
}

// deleted deletes the container by force, within the time that keg gives itself.
func deleted(t *testing.T, b *kegtest.Bundle, args ...string) {
	t.Helper()
	if r := b.Keg(append(args, b.ID())...); r.Code != 0 {
		t.Errorf("%v: %s", args, r.Stderr)
	}
	if left := cgroups(b); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

// eachOwn runs commands in each cgroup of the process that is below $ID.
const eachOwn = `each() { for d in $(find /data -type d -name "$ID"); do ( cd $d && eval "$1" ); done; }; `

func script(b *kegtest.Bundle, commands string) {
	b.Spec.Process.Args = []string{"sh", "-c", eachOwn + commands}
	b.Spec.Process.Env = append(b.Spec.Process.Env, "ID="+b.ID())
}

// Sub-cgroups that the container has made, with processes, and frozen.
func TestDeleteFrozenBelow(t *testing.T) {
	b := inHosts(t, "")
	script(b, `sleep 1000 & each "mkdir -p a/b c"; each "echo $! > a/b/cgroup.procs"
		each "echo 1 > a/cgroup.freeze; echo FROZEN > a/freezer.state"; sleep 1000`)
	start(t, b)
	eventually(t, "a frozen sub-cgroup", func() bool { return strings.Contains(states(b), "a") })
	deleted(t, b, "delete", "-f")
}

// states names the container's cgroups that are frozen by themselves.
func states(b *kegtest.Bundle) string {
	var frozen []string
	for _, dir := range cgroups(b) {
		v1, _ := os.ReadFile(dir + "/freezer.state")
		v2, _ := os.ReadFile(dir + "/cgroup.freeze")
		if strings.HasPrefix(string(v1), "F") || string(v2) == "1\n" {
			frozen = append(frozen, filepath.Base(dir))
		}
	}
	return strings.Join(frozen, " ")
}

// Processes that start others all the time, and that no namespace ends.
func TestDeleteForkBomb(t *testing.T) {
	for _, args := range [][]string{{"delete", "-f"}, {"kill", "--all"}} {
		b := inHosts(t, "")
		withoutPidNamespace(b)
		b.Spec.Linux.Resources = pids(64)
		script(b, `trap "" TERM; i=0
			while [ $((i += 1)) -le 10 ]; do while :; do (:) & wait; done & done; wait`)
		start(t, b)
		eventually(t, "more than one process", func() bool { return len(inside(b)) > 8 })
		if args[0] == "kill" {
			if r := b.Keg("kill", "--all", b.ID(), "KILL"); r.Code != 0 || len(inside(b)) > 0 {
				t.Errorf("%s: left %v", r.Stderr, inside(b))
			}
		}
		deleted(t, b, "delete", "-f")
	}
}

// inside are the processes in the container's cgroups.
func inside(b *kegtest.Bundle) (pids []string) {
	for _, dir := range cgroups(b) {
		text, _ := os.ReadFile(dir + "/cgroup.procs")
		pids = append(pids, strings.Fields(string(text))...)
	}
	slices.Sort(pids)
	return slices.Compact(pids)
}

// An init that has left its cgroup is still the container's.
func TestDeleteMovedOut(t *testing.T) {
	b := inHosts(t, "")
	script(b, `for f in /data/cgroup.procs /data/unified/cgroup.procs /data/*/tasks; do echo $$ > $f; done 2>/dev/null; exec sleep 1000`)
	start(t, b)
	eventually(t, "no process in the cgroup", func() bool { return len(inside(b)) == 0 })
	pid, err := os.ReadFile(filepath.Join(b.Dir, "pid"))
	must(t, err)
	deleted(t, b, "delete", "-f")
	eventually(t, "the init's end", func() bool { _, err := os.Stat("/proc/" + string(pid)); return err != nil })
}

// What is in a threaded sub-cgroup has its process above it.
func TestDeleteThreaded(t *testing.T) {
	pureV2(t)
	b := inHosts(t, "")
	script(b, `each "mkdir -p a/b"; sleep 1000 & each "echo threaded > a/cgroup.type; echo threaded > a/b/cgroup.type; echo $! > a/b/cgroup.threads"; sleep 1000`)
	withoutPidNamespace(b)
	start(t, b)
	eventually(t, "a thread in the sub-cgroup", func() bool {
		list, _ := filepath.Glob(mountRoot + "/*" + b.ID() + "/a/b/cgroup.threads")
		for _, name := range list {
			if text, _ := os.ReadFile(name); len(text) > 1 {
				return true
			}
		}
		return false
	})
	deleted(t, b, "delete", "-f")
}

// What is left of a container without a pid namespace, once its init is gone.
func TestKillAllAfterInit(t *testing.T) {
	for _, sig := range []string{"KILL", "TERM"} {
		b := inHosts(t, "sleep 1000 & sleep 1000 &")
		withoutPidNamespace(b)
		start(t, b)
		eventually(t, "the init's end", func() bool { return strings.Contains(b.Keg("state", b.ID()).Stdout, `"stopped"`) })
		if len(inside(b)) == 0 {
			t.Fatal("nothing is left of it: nothing was tested")
		}
		if r := b.Keg("kill", "--all", b.ID(), sig); r.Code != 0 {
			t.Error(r.Stderr)
		}
		eventually(t, "the end of all", func() bool { return len(inside(b)) == 0 })
		deleted(t, b, "delete")
	}
}

// A program that could not run is not started (runc #3223).
func TestStartFrozen(t *testing.T) {
	b := inHosts(t, "true")
	b.Write()
	t.Cleanup(func() { b.Keg("delete", "-f", b.ID()) })
	if r := b.Keg("create", "--bundle", b.Dir, b.ID()); r.Code != 0 {
		t.Fatal(r.Stderr)
	}
	if r := b.Keg("pause", b.ID()); r.Code != 0 {
		t.Fatal(r.Stderr)
	}
	refused(t, b.Keg("start", b.ID()), "it is paused")
	if r := b.Keg("resume", b.ID()); r.Code != 0 {
		t.Fatal(r.Stderr)
	}
	if r := b.Keg("start", b.ID()); r.Code != 0 {
		t.Error(r.Stderr)
	}
}
