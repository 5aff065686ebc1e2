package doctor

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

// Whatever machine the tests run on, keg runs there: whoever asks, there is no
// error, and what is tried is found.
func TestThisMachine(t *testing.T) {
	root := filepath.Join(kegtest.TempDir(t), "state")
	r := read(t, kegtest.Command(t, "", "--root", root, "doctor", "--json"))
	if r.Level == "error" {
		t.Errorf("%+v", r)
	}
	for _, name := range []string{"version", "clone3", "openat2", "open_tree", "move_mount", "fsopen", "mount_setattr", "pidfd_open", "setns-pidfd", "close_range", "faccessat2", "memfd"} {
		r.is("kernel", name, "ok")
	}
	r.is("seccomp", "filters", "ok")
	r.is("user namespaces", "user namespaces", "ok")
	r.is("user namespaces", "time", "ok")
	r.is("mounts", "overlay in a user namespace", "ok")
	r.is("mounts", "proc in a user namespace", "ok")
	r.is("containers", "recorded", "ok", "0 containers in "+root)
	if os.Geteuid() == 0 {
		r.is("cgroups", "limits", "ok", "memory, cpu, pids")
		r.is("mounts", "overlay", "ok")
	}
	if _, err := os.Stat(root); err == nil {
		t.Error("the root of the state was made")
	}
	if r.Keg != kegtest.Keg(t) && filepath.Base(r.Keg) != "keg" || r.Version == "" {
		t.Errorf("keg %q, version %q", r.Keg, r.Version)
	}
}

// An ordinary user's answers are others, and nothing is left for them either.
func TestOrdinaryUser(t *testing.T) {
	h := newHome(t)
	r := h.doctor()
	r.is("directories", "XDG_RUNTIME_DIR", "ok", h.dir+"/run")
	r.is("directories", "state", "ok", h.dir+"/run/keg")
	r.is("mounts", "overlay in a user namespace", "ok")
	if os.Geteuid() == 0 { // the test's own user has no ids
		r.is("subordinate ids", "subuid", "warning", "no uids of "+strconv.Itoa(user), "sudo usermod --add-subuids ")
		return
	}
	for _, name := range []string{"newuidmap", "newgidmap", "subuid", "subgid"} {
		r.is("subordinate ids", name, "ok")
	}
}

// The text for people: short, without colors where it is no terminal.
func TestText(t *testing.T) {
	h := newHome(t)
	short := kegtest.Finish(t, h.command("doctor")).Stdout
	long := kegtest.Finish(t, h.command("doctor", "--verbose")).Stdout
	if strings.Contains(short, "clone3") || !strings.Contains(long, "ok      clone3: there, since Linux 5.7\n") || strings.Contains(long, "\x1b") {
		t.Errorf("%s\n%s", short, long)
	}
	if n := strings.Count(short, "\n"); n > 70 {
		t.Errorf("%d lines\n%s", n, short)
	}
}

// Without XDG_RUNTIME_DIR the state goes where doctor says, and is not made.
func TestNoRuntimeDirectory(t *testing.T) {
	if _, err := os.Stat("/run/user/" + strconv.Itoa(uid())); err == nil {
		t.Skip("the user is logged in")
	}
	state := "/tmp/keg-" + strconv.Itoa(uid())
	_, before := os.Lstat(state)
	h := newHome(t, "XDG_RUNTIME_DIR=")
	r := h.doctor()
	r.is("directories", "XDG_RUNTIME_DIR", "warning", "is not set", state)
	r.is("directories", "state", "ok", state)
	if _, err := os.Lstat(state); (err == nil) != (before == nil) {
		t.Errorf("%s was made", state)
	}
}

// Containers of a keg that was killed, or that nobody has deleted.
func TestStaleContainer(t *testing.T) {
	b := kegtest.NewBundle(t, "sleep", "1000")
	b.Write()
	if r := b.Keg("create", "--bundle", b.Dir, b.ID()); r.Code != 0 {
		t.Fatal(r.Stderr)
	}
	t.Cleanup(func() { b.Keg("delete", "-f", b.ID()) })
	doctor := func() report { return read(t, b.Keg("doctor", "--json")) }
	doctor().is("containers", "recorded", "ok", "1 container in "+b.Root)
	if n := len(doctor().of("containers")); n != 1 {
		t.Errorf("%d findings of a container that waits for its start", n)
	}
	if r := b.Keg("kill", b.ID(), "KILL"); r.Code != 0 {
		t.Fatal(r.Stderr)
	}
	until(t, func() bool { return strings.Contains(b.Keg("state", b.ID()).Stdout, `"stopped"`) })
	doctor().is("containers", b.ID(), "note", "has ended", "keg --root "+b.Root+" delete "+b.ID())
	half := b.ID() + "-half" // as a keg leaves it that is killed before it has made anything
	must(t, os.Mkdir(filepath.Join(b.Root, half), 0o700))
	doctor().is("containers", half, "warning", "keg was killed", "delete -f "+half)
}
