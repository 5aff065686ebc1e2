// Package doctor tests `keg doctor` on the machine as it is, and with things
// really broken, as far as namespaces of the test's own allow.
package doctor

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/keg-project/keg/test/kegtest"
)

func TestMain(m *testing.M) { kegtest.Main(m) }

// user is nobody who has anything on the machine; tests of root's become it.
const user = 54321

// finding is one of those that the JSON has.
type finding struct{ Subject, Name, Level, Found, Means, Mend string }

// report is what `keg doctor --json` says.
type report struct {
	t                   *testing.T
	status              int
	Keg, Version, Level string
	Findings            []finding
}

// read reads the answer of a command.
func read(t *testing.T, r kegtest.Result) report {
	t.Helper()
	got := report{t: t, status: r.Code}
	if err := json.Unmarshal([]byte(r.Stdout), &got); err != nil || r.Stderr != "" {
		t.Fatalf("exit status %d, %v\n%s%s", r.Code, err, r.Stdout, r.Stderr)
	}
	status := map[string]int{"ok": 0, "note": 0, "error": 1, "warning": 2}
	if want, ok := status[got.Level]; !ok || want != got.status {
		t.Errorf("exit status %d for %q", got.status, got.Level)
	}
	return got
}

// is fails the test unless there is the finding, of the level, with the texts in
// what was found or in what mends it.
func (r report) is(subject, name, level string, texts ...string) {
	r.t.Helper()
	for _, f := range r.Findings {
		if f.Subject != subject || f.Name != name {
			continue
		}
		if f.Level != level {
			r.t.Errorf("want level %s: %+v", level, f)
		}
		for _, text := range texts {
			if !strings.Contains(f.Found+"\n"+f.Mend, text) {
				r.t.Errorf("want %q: %+v", text, f)
			}
		}
		return
	}
	r.t.Errorf("no finding %s: %s among %+v", subject, name, r.Findings)
}

// worst fails the test unless the worst level is this one.
func (r report) worst(level string) {
	r.t.Helper()
	if r.Level != level {
		r.t.Errorf("level %s, want %s", r.Level, level)
	}
}

// home is a caller's place: directories of its own, and an environment that names
// them.
type home struct {
	t   *testing.T
	dir string
	env []string
}

func newHome(t *testing.T, env ...string) home {
	t.Helper()
	dir := kegtest.TempDir(t)
	for _, name := range []string{"home", "tmp", "run", "bin"} {
		must(t, os.Mkdir(filepath.Join(dir, name), 0o700))
		if os.Geteuid() == 0 {
			must(t, os.Chown(filepath.Join(dir, name), user, user))
		}
	}
	defaults := []string{"PATH=" + dir + "/bin:/usr/bin:/bin:/usr/sbin:/sbin", "HOME=" + dir + "/home", "TMPDIR=" + dir + "/tmp", "XDG_RUNTIME_DIR=" + dir + "/run"}
	return home{t, dir, append(defaults, env...)}
}

// command is keg, as an ordinary user.
func (h home) command(args ...string) *exec.Cmd {
	cmd := exec.Command(kegtest.Keg(h.t), args...)
	cmd.Env, cmd.Dir = h.env, "/"
	if os.Geteuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: user, Gid: user}}
	}
	return cmd
}

// doctor runs it, and looks that nothing is left.
func (h home) doctor() report {
	h.t.Helper()
	before := files(h.t, h.dir)
	r := read(h.t, kegtest.Finish(h.t, h.command("doctor", "--json")))
	if after := files(h.t, h.dir); after != before {
		h.t.Errorf("left: %s", after)
	}
	return r
}

// files lists what is below a directory.
func files(t *testing.T, dir string) string {
	t.Helper()
	var list []string
	must(t, filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		list = append(list, path)
		return err
	}))
	return strings.Join(list, "\n")
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// uid is who keg is run as by home.
func uid() int {
	if os.Geteuid() == 0 {
		return user
	}
	return os.Geteuid()
}

// inside runs a shell script as the root of new namespaces, with $0 as keg.
func inside(t *testing.T, script string, flags uintptr) report {
	t.Helper()
	cmd := exec.Command("/bin/sh", "-ec", script, kegtest.Keg(t))
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: flags}
	if flags&syscall.CLONE_NEWUSER != 0 {
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Geteuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getegid(), Size: 1}}
	}
	return read(t, kegtest.Finish(t, cmd))
}

// of are the findings of a subject.
func (r report) of(subject string) []finding {
	var list []finding
	for _, f := range r.Findings {
		if f.Subject == subject {
			list = append(list, f)
		}
	}
	return list
}

// until waits for something that comes soon.
func until(t *testing.T, f func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !f(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("never came")
		}
	}
}
