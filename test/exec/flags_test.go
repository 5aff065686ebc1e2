package exec

import (
	"os"
	osexec "os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// writable has a root that tests may change.
func writable(s *oci.Spec) { s.Root.Readonly = false }

func TestFlags(t *testing.T) {
	b := sleeper(t, func(s *oci.Spec) {
		s.Process.Env = append(s.Process.Env, "KEPT=1", "CHANGED=1")
		s.Process.Cwd = "/tmp"
		s.Process.NoNewPrivileges = false
	})
	for _, c := range []struct {
		flags, script, want string
	}{
		{"", "pwd; echo $KEPT $CHANGED", "/tmp\n1 1\n"},
		{"-e CHANGED=2 --env NEW=3", "echo $KEPT $CHANGED $NEW; env | grep -c CHANGED", "1 2 3\n1\n"},
		{"-e CHANGED=2 -e CHANGED=3", "echo $CHANGED; env | grep -c CHANGED", "3\n1\n"},
		{"-e CHANGED=", "echo [$CHANGED]", "[]\n"},
		{"--cwd /data", "pwd", "/data\n"},
		{"-w=/", "pwd", "/\n"},
		{"", "grep NoNewPrivs /proc/self/status", "NoNewPrivs:\t0\n"},
		{"--no-new-privs", "grep NoNewPrivs /proc/self/status", "NoNewPrivs:\t1\n"},
		{"-u 0", "id -u; id -g", "0\n0\n"},
		{"--user 0:0", "id -u; id -g", "0\n0\n"},
		{"--preserve-fds 0", "ls /proc/self/fd", "0\n1\n2\n3\n"}, // 3 is ls's own
		{"--preserve-fds=0", "echo $0", "sh\n"},
	} {
		if got := sh(t, b, c.script, strings.Fields(c.flags)...); got != c.want {
			t.Errorf("%s: %q prints %q, want %q", c.flags, c.script, got, c.want)
		}
	}
}

func TestUserAndGroups(t *testing.T) {
	kegtest.NeedRoot(t)
	for name, b := range map[string]*kegtest.Bundle{"host": sleeper(t), "user namespace": sleeper(t, userNamespace)} {
		for flags, want := range map[string]string{
			"-u 1000":                  "1000 1000 1000 1000 | 0 0 0 0 |",
			"-u 1000:1001 -g 5 -g 6":   "1000 1000 1000 1000 | 1001 1001 1001 1001 | 5 6",
			"-u 65533:65532":           "65533 65533 65533 65533 | 65532 65532 65532 65532 |",
			"-g 7 --additional-gids 8": "0 0 0 0 | 0 0 0 0 | 7 8",
		} {
			got := strings.Join(strings.Fields(sh(t, b, `sed -n 's/^Uid:\t//p; s/^Gid:/ | /p; s/^Groups:/ | /p' /proc/self/status`, strings.Fields(flags)...)), " ")
			if got != want {
				t.Errorf("%s, %s: %q, want %q", name, flags, got, want)
			}
		}
	}
}

// What is read loosely runs as somebody else (CVE-2026-30892).
func TestBadFlags(t *testing.T) {
	b := sleeper(t)
	const noID = "is not a numeric id of 0 to 4294967294"
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"-u", "root", b.ID(), "id"}, `-u: "root" ` + noID},
		{[]string{"-u", "0x0", b.ID(), "id"}, noID},
		{[]string{"-u", "1000x", b.ID(), "id"}, noID},
		{[]string{"-u", "-1", b.ID(), "id"}, noID},
		{[]string{"-u", "1000:", b.ID(), "id"}, noID},
		{[]string{"-u", "1000:1:2", b.ID(), "id"}, noID},
		{[]string{"-u", "4294967296", b.ID(), "id"}, noID},
		{[]string{"-u", "4294967295", b.ID(), "id"}, noID}, // -1: stay who you are
		{[]string{"-u", "1000:4294967295", b.ID(), "id"}, noID},
		{[]string{"-g", "wheel", b.ID(), "id"}, `-g: "wheel" ` + noID},
		{[]string{"-e", "NAME", b.ID(), "id"}, `invalid process: process.env[`},
		{[]string{"-e", "=x", b.ID(), "id"}, `"=x"`},
		{[]string{"--cwd", "data", b.ID(), "id"}, `process.cwd: found "data"`},
		{[]string{"--cwd", "/nowhere", b.ID(), "id"}, "process.cwd: "},
		{[]string{"--cap", "CAP_FLY", b.ID(), "id"}, `--cap: "CAP_FLY" is not a capability`},
		{[]string{"--cap", "NET_ADMIN", b.ID(), "id"}, `--cap: "NET_ADMIN" is not a capability (hint: CAP_NET_ADMIN)`},
		{[]string{"--preserve-fds", "-1", b.ID(), "id"}, "--preserve-fds: \"-1\" is not a number of 0 or more"},
		{[]string{"--preserve-fds", "9", b.ID(), "id"}, "--preserve-fds: file descriptor 3 is not open"},
		{[]string{"--pid-file", "/nowhere/pid", b.ID(), "id"}, "--pid-file /nowhere/pid: no such file or directory"},
		{[]string{"--nope", b.ID(), "id"}, "unknown flag --nope"},
		{[]string{"--detach=maybe", b.ID(), "id"}, "neither true nor false"},
		{[]string{"--process", "/nowhere", b.ID()}, "--process: open /nowhere: no such file or directory"},
		{[]string{"--process", "/", b.ID()}, "--process: read /: is a directory"},
		{[]string{"--process", "/dev/null", b.ID()}, "invalid process: "},
		{[]string{"--process", "/dev/null", b.ID(), "id"}, "a command cannot stand beside it"},
		{[]string{"--process", "/dev/null", "-e", "A=1", b.ID()}, "--env cannot stand beside it"},
		{[]string{"--process", "/dev/null", "-u", "0", b.ID()}, "--user cannot stand beside it"},
		{[]string{b.ID()}, "needs a command behind ID, or --process"},
		{[]string{b.ID(), "--"}, "needs a command behind ID, or --process"},
		{[]string{b.ID(), ""}, "invalid process: process.args"},
		{[]string{}, "requires at least 1 argument(s)"},
		{[]string{"", "id"}, "an argument is empty"},
		{[]string{"../" + b.ID(), "id"}, "invalid container id"},
		{[]string{"nobody", "id"}, `container "nobody" does not exist`},
	} {
		refused(t, b.Keg(append([]string{"exec"}, c.args...)...), c.want)
	}
}

// What follows ID is the command's own, whatever it looks like.
func TestCommandLine(t *testing.T) {
	b := sleeper(t)
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{b.ID(), "echo", "-e", "--cwd", "--", "-u"}, "--cwd -- -u\n"},
		{[]string{b.ID(), "--", "echo", "a"}, "a\n"},
		{[]string{"--", b.ID(), "echo", "a"}, "a\n"},
		{[]string{"--", b.ID(), "--", "echo", "a"}, "a\n"},
		{[]string{b.ID(), "printf", "[%s]", "", " ", "", "\n"}, "[][ ][][\n]"},
		{[]string{b.ID(), "/bin/echo", "--help"}, "--help\n"},
	} {
		if got := must(t, b.Keg(append([]string{"exec"}, c.args...)...)); got != c.want {
			t.Errorf("%q prints %q, want %q", c.args, got, c.want)
		}
	}
	refused(t, b.Keg("exec", b.ID(), "-t", "sh"), `exec: "-t": executable file not found in $PATH (hint: keg's own flags stand in front of the container's id)`)
	refused(t, b.Keg("exec", b.ID(), "--", "--"), `exec: "--": executable file not found in $PATH`)
}

func TestExitStatus(t *testing.T) {
	b := sleeper(t, writable)
	os.WriteFile(filepath.Join(b.Dir, "rootfs/data/plain"), []byte("x"), 0o644)
	os.WriteFile(filepath.Join(b.Dir, "rootfs/data/script"), []byte("#!/no/interpreter\n"), 0o755)
	os.WriteFile(filepath.Join(b.Dir, "rootfs/data/noise"), []byte("noise"), 0o755)
	for script, want := range map[string]int{"exit 0": 0, "exit 7": 7, "exit 255": 255, "kill -9 $$": 137, "kill -TERM $$": 143} {
		if r := b.Keg("exec", b.ID(), "sh", "-c", script); r.Code != want || r.Stderr != "" {
			t.Errorf("%s: exit status %d, want %d: %s", script, r.Code, want, r.Stderr)
		}
	}
	// In the words that engines look for.
	for program, want := range map[string]string{
		"none":         `exec: "none": executable file not found in $PATH`,
		"/bin/none":    `exec: "/bin/none": stat /bin/none: no such file or directory`,
		"/data/plain":  `exec: "/data/plain": permission denied`,
		"/data":        "permission denied",
		"/data/script": "/no/interpreter is missing",
		"/data/noise":  "exec format error",
	} {
		refused(t, b.Keg("exec", b.ID(), program), want)
		refused(t, b.Keg("exec", "-d", b.ID(), program), want)
	}
}

// The log is what an engine reads.
func TestLog(t *testing.T) {
	b := sleeper(t)
	log := filepath.Join(b.Dir, "log")
	refused(t, b.Keg("--log", log, "--log-format", "json", "exec", b.ID(), "none"), "executable file not found in $PATH")
	if text := read(t, log); !strings.Contains(text, `"level":"error"`) || !strings.Contains(text, `executable file not found in $PATH`) {
		t.Errorf("the log: %s", text)
	}
}

func TestStatus(t *testing.T) {
	b := bundle(t)
	b.Write()
	must(t, b.Keg("create", "--bundle", b.Dir, b.ID()))
	deleteAfter(t, b)
	if os.Geteuid() == 0 { // who made it; a user may not look into an init that is not dumpable
		if got := in(t, b, "hostname"); got != b.Spec.Hostname+"\n" {
			t.Errorf("in a created container: %q", got)
		}
	} else if r := b.Keg("exec", b.ID(), "hostname"); r.Code != 0 {
		refused(t, r, "not before its program has started")
	}
	must(t, b.Keg("start", b.ID()))
	in(t, b, "true")
	must(t, b.Keg("kill", b.ID(), "KILL"))
	within(t, time.Minute, "the container is stopped", func() bool { return strings.Contains(b.Keg("state", b.ID()).Stdout, `"stopped"`) })
	refused(t, b.Keg("exec", b.ID(), "true"), "container not running")
	must(t, b.Keg("delete", b.ID()))
	refused(t, b.Keg("exec", b.ID(), "true"), `container "`+b.ID()+`" does not exist`)
}

func TestCapabilities(t *testing.T) {
	b := sleeper(t)
	set := func(flags ...string) []string {
		return strings.Fields(sh(t, b, "sed -n 's/^Cap...://p' /proc/self/status", flags...))
	}
	plain := set()
	added := set("--cap", "CAP_CHOWN", "-c", "CAP_SYS_ADMIN")
	for i, name := range []string{"inheritable", "permitted", "effective", "bounding", "ambient"} {
		before, after := hex(t, plain[i]), hex(t, added[i])
		want := before | 1 | 1<<21
		if name == "inheritable" || name == "ambient" {
			want = 0
		}
		if after != want {
			t.Errorf("%s: %#x, with two more %#x, want %#x", name, before, after, want)
		}
	}
}

// What exec inherits and what --preserve-fds names, nothing else.
func TestDescriptors(t *testing.T) {
	b := sleeper(t)
	file, err := os.Open(filepath.Join(b.Dir, "config.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for flags, want := range map[string]string{
		"":                  "0 1 2 3\n",
		"--preserve-fds=2":  "0 1 2 3 4 5\n",
		"--preserve-fds=20": "0 1 2 10 11 12 13 14 15 16 17 18 19 20 21 22 3 4 5 6 7 8 9 23\n",
	} {
		cmd := osexec.Command(kegtest.Keg(t), slices.Concat([]string{"--root", b.Root, "exec"}, strings.Fields(flags), []string{b.ID(), "sh", "-c", "exec ls /proc/self/fd | tr '\\n' ' '"})...)
		cmd.ExtraFiles = slices.Repeat([]*os.File{file}, 30)
		r := kegtest.Finish(t, cmd)
		got := strings.Fields(must(t, r))
		list := strings.Fields(want)
		slices.Sort(got)
		slices.Sort(list)
		if !slices.Equal(got, list) {
			t.Errorf("%q: descriptors %v, want %v", flags, got, list)
		}
	}
}
