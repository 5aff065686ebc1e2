package errors

import (
	"flag"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

var update = flag.Bool("update", false, "write testdata/messages.txt anew")

func TestMain(m *testing.M) { kegtest.Main(m) }

// user is an ordinary user without an entry in /etc/subuid.
const user = 4711

// broken is a configuration or an environment that keg must refuse.
type broken struct {
	name string
	// prepare changes the specification and the bundle's files.
	prepare func(t *testing.T, b *kegtest.Bundle)
	// args of keg; nil: create. $ID and $BUNDLE are replaced.
	args []string
	user bool   // keg runs as an ordinary user
	ns   uint64 // namespaces that keg runs in
	// shell runs before keg, in those namespaces and with $STATE and $BUNDLE.
	shell string
	// raw is a config.json that is written as it is; "-" for none.
	raw string
	// exists says that the container is there before and after.
	exists bool
}

func cases() []broken {
	return slices.Concat(configCases(), seccompCases(), rootCases(), mountCases(), processCases(), programCases(),
		namespaceCases(), hostCases(), lifeCases(), hookCases(), terminalCases())
}

func TestMessages(t *testing.T) {
	kegtest.NeedRoot(t) // who can also be an ordinary user
	want := readMessages(t)
	got := map[string]string{}
	list := cases()
	if len(list) < 40 {
		t.Errorf("%d cases, 40 are promised", len(list))
	}
	next := kegtest.OneIn(3)
	for _, c := range list {
		if !next() {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			got[c.name] = c.run(t)
			if !*update && got[c.name] != want[c.name] {
				t.Errorf("keg said:\n%s\nwant:\n%s", got[c.name], want[c.name])
			}
		})
	}
	if *update {
		maps.Copy(want, got) // some are of another machine's
		writeMessages(t, want)
	}
}

// run breaks things, runs keg, and returns its message.
func (c *broken) run(t *testing.T) string {
	b := kegtest.NewBundle(t, "true")
	b.Spec.Linux.Resources = nil // only a warning for now
	if c.user {
		asUser(t, b)
	}
	if c.prepare != nil {
		c.prepare(t, b)
	}
	c.writeConfig(t, b)
	before := kegtest.Leftovers()
	r := kegtest.Finish(t, c.command(t, b))
	if r.Code != 1 {
		t.Errorf("exit status %d, want 1; standard output: %s", r.Code, r.Stdout)
	}
	if c.exists {
		if d := b.Keg("delete", "-f", b.ID()); d.Code != 0 {
			t.Errorf("delete -f: %s", d.Stderr)
		}
	}
	if left, _ := os.ReadDir(b.Root); len(left) > 0 {
		t.Errorf("left in the state root: %v", left)
	}
	if left := kegtest.NewLeftovers(before); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	return normal(b, r.Stderr)
}

func (c *broken) writeConfig(t *testing.T, b *kegtest.Bundle) {
	t.Helper()
	switch c.raw {
	case "":
		b.Write()
	case "-":
	default:
		write(t, filepath.Join(b.Dir, "config.json"), c.raw, 0o644)
	}
}

// command is keg, behind a shell that prepares its environment.
func (c *broken) command(t *testing.T, b *kegtest.Bundle) *exec.Cmd {
	args := slices.Clone(c.args)
	if args == nil {
		args = []string{"create", "--bundle", "$BUNDLE", "$ID"}
	}
	replace := strings.NewReplacer("$ID", b.ID(), "$BUNDLE", b.Dir)
	for i := range args {
		args[i] = replace.Replace(args[i])
	}
	script := c.shell + "\n" + `exec "$@"`
	cmd := exec.Command("/bin/busybox", append([]string{"sh", "-c", script, "sh", kegtest.Keg(t), "--root", b.Root}, args...)...)
	cmd.Dir = b.Dir
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "STATE=" + b.Root, "BUNDLE=" + b.Dir}
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: uintptr(c.ns)}
	if c.user {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: user, Gid: user}
	}
	if c.ns&syscall.CLONE_NEWUSER != 0 {
		one := []syscall.SysProcIDMap{{HostID: 0, Size: 1}}
		cmd.SysProcAttr.UidMappings, cmd.SysProcAttr.GidMappings = one, one
	}
	return cmd
}

// asUser gives the state root to the ordinary user, and asks for what such a
// user can have.
func asUser(t *testing.T, b *kegtest.Bundle) {
	t.Helper()
	must(t, os.Mkdir(b.Root, 0o700))
	must(t, os.Chown(b.Root, user, user))
	*b.Spec = *rootless()
}

var (
	pids   = regexp.MustCompile(`processes? \[?[0-9]+\]?`)
	proc   = regexp.MustCompile(`/proc/[0-9]+/`)
	cgroup = regexp.MustCompile(`/sys/fs/cgroup/(?:[^: ]*/)?(keg-test-[^: ]*|\$ID[^: ]*)`)
)

// normal replaces what differs between two runs.
func normal(b *kegtest.Bundle, s string) string {
	s = strings.NewReplacer(b.Root, "$STATE", b.Dir, "$BUNDLE", b.ID(), "$ID").Replace(s)
	s = pids.ReplaceAllString(s, "processes [PID]")
	s = proc.ReplaceAllString(s, "/proc/PID/")
	return cgroup.ReplaceAllString(s, "/sys/fs/cgroup/…/$1")
}

const messages = "testdata/messages.txt"

// readMessages reads sections, each headed by "== name".
func readMessages(t *testing.T) map[string]string {
	text, err := os.ReadFile(messages)
	must(t, err)
	m := map[string]string{}
	for _, section := range strings.Split("\n"+string(text), "\n== ")[1:] {
		name, body, _ := strings.Cut(section, "\n")
		m[name] = strings.TrimSuffix(body, "\n") + "\n"
	}
	return m
}

func writeMessages(t *testing.T, m map[string]string) {
	var s strings.Builder
	for _, name := range slices.Sorted(maps.Keys(m)) {
		s.WriteString("== " + name + "\n" + strings.TrimSuffix(m[name], "\n") + "\n\n")
	}
	write(t, messages, strings.TrimSuffix(s.String(), "\n"), 0o644)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(path), 0o755))
	must(t, os.WriteFile(path, []byte(text), mode))
	must(t, os.Chmod(path, mode))
}
