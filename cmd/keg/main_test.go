package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/keg-project/keg/cmd/keg/argv"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// keg runs one command line in this process.
func keg(args ...string) (status int, stdout, stderr string) {
	var out, err bytes.Buffer
	status = run(append([]string{"keg"}, args...), strings.NewReader(""), &out, &err)
	return status, out.String(), err.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s:\n%s\nwant\n%s", name, got, want)
	}
}

func TestHelpGolden(t *testing.T) {
	status, out, _ := keg("help")
	if status != 0 {
		t.Errorf("status %d", status)
	}
	golden(t, "help.txt", out)
	for _, cmd := range allCommands() {
		words := strings.Fields(cmd.name)
		_, byHelp, _ := keg(append([]string{"help"}, words...)...)
		status, byFlag, stderr := keg(append(words, "--help")...)
		if status != 0 || byHelp != byFlag {
			t.Errorf("%s --help: status %d, %s%s\nhelp %s: %s", cmd.name, status, byFlag, stderr, cmd.name, byHelp)
		}
		golden(t, "help-"+cmd.key()+".txt", byHelp)
	}
}

func TestHelpIsTheSameByAnyName(t *testing.T) {
	_, want, _ := keg("help")
	for _, args := range [][]string{{}, {"--help"}, {"-h"}, {"-help"}} {
		if status, out, _ := keg(args...); status != 0 || out != want {
			t.Errorf("%q: status %d\n%s", args, status, out)
		}
	}
}

// As runc, the help is laid out as runc's: scripts look for a flag in it.
func TestHelpAsRunc(t *testing.T) {
	for _, tt := range []struct{ args, want string }{
		{"--help", "NAME:\n   runc - Open Container Initiative runtime"},
		{"help", "\nUSAGE:\n   runc [global options] command [command options] [arguments...]\n\nVERSION:\n   "},
		{"", "\nspec: 1.3.0\n"},
		{"-h", "\nCOMMANDS:\n   "},
		{"-h", "\n   update      change the limits of a container\n"},
		{"-h", "\nGLOBAL OPTIONS:\n   --root value  "},
		{"-h", "\n   --help, -h  "},
		{"exec --help", "NAME:\n   runc exec - run another process in a running container\n\nUSAGE:\n   runc exec [command options] ID [COMMAND...]\n"},
		{"help exec", "\nOPTIONS:\n   --process value, -p value  "},
		{"exec -h", "\n   --tty, -t  "},
	} {
		var out bytes.Buffer
		status := run(append([]string{"/usr/bin/runc"}, strings.Fields(tt.args)...), nil, &out, &out)
		if status != 0 || !strings.Contains(out.String(), tt.want) {
			t.Errorf("%s: status %d\n%s\nwant\n%s", tt.args, status, out.String(), tt.want)
		}
	}
}

func TestRefusedCommandLines(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir()) // the default root, for an ordinary user
	for _, tt := range []struct{ args, want string }{
		{"frobnicate", "keg: unknown command \"frobnicate\"; `keg help` lists them\n"},
		{"--frobnicate run id", "keg: unknown flag --frobnicate; see `keg help`\n"},
		{"start", "keg: start: requires exactly 1 argument(s), ID; got 0\nusage: keg start [flags] ID\n"},
		{"start a b", "keg: start: requires exactly 1 argument(s), ID; got 2\nusage: keg start [flags] ID\n"},
		{"start --frob a", "keg: start: unknown flag --frob\nusage: keg start [flags] ID\n"},
		{"kill", "keg: kill: requires at least 1 argument(s), ID [SIGNAL]; got 0\nusage: keg kill [flags] ID [SIGNAL]\n"},
		{"kill a b c", "keg: kill: takes at most 2 argument(s), ID [SIGNAL]; got 3\nusage: keg kill [flags] ID [SIGNAL]\n"},
		{"kill a 9x", "keg: invalid signal \"9x\": neither a number nor a name such as TERM, SIGKILL or RTMIN+1\n"},
		{"pause", "keg: pause: requires exactly 1 argument(s), ID; got 0\nusage: keg pause [flags] ID\n"},
		{"resume a b", "keg: resume: requires exactly 1 argument(s), ID; got 2\nusage: keg resume [flags] ID\n"},
		{"ps", "keg: ps: requires at least 1 argument(s), ID [PS OPTION...]; got 0\nusage: keg ps [flags] ID [PS OPTION...]\n"},
		{"ps -f yaml a", "keg: ps: -f: \"yaml\" is not one of table, json\nusage: keg ps [flags] ID [PS OPTION...]\n"},
		{"ps --frob a", "keg: ps: unknown flag --frob\nusage: keg ps [flags] ID [PS OPTION...]\n"},
		{"events a b", "keg: events: requires exactly 1 argument(s), ID; got 2\nusage: keg events [flags] ID\n"},
		{"events --interval 0 a", "keg: events: --interval: must be greater than 0\nusage: keg events [flags] ID\n"},
		{"events a --interval 5", "keg: events: --interval: \"5\" is not a duration such as 5s\nusage: keg events [flags] ID\n"},
		{"list x", "keg: list: takes no arguments, got [\"x\"]\nusage: keg list [flags]\n"},
		{"list -f yaml", "keg: list: -f: \"yaml\" is not one of table, json\nusage: keg list [flags]\n"},
		{"--rootless=perhaps state id", "keg: --rootless: \"perhaps\" is not one of true, false, auto; see `keg help`\n"},
		{"--log-format xml state id", "keg: --log-format: \"xml\" is not one of text, json; see `keg help`\n"},
		{"--log /nonexistent/log state id", "keg: --log: open /nonexistent/log: no such file or directory\n"},
		{"--root /nonexistent/root list", "keg: --root: stat /nonexistent/root: no such file or directory\n"},
		{"create --config /nonexistent/c id", "keg: --config: open /nonexistent/c: no such file or directory\n"},
		{"create --config nonexistent --bundle / id", "keg: --config: open /nonexistent: no such file or directory\n"},
		{"help frobnicate", "keg: help: unknown command \"frobnicate\"; `keg help` lists them\n"},
		{"boot", "keg: boot: which? `keg help boot` lists them\nusage: keg boot [flags] COMMAND\n"},
		{"boot nope", "keg: boot: unknown command \"nope\"; `keg help boot` lists them\n"},
		{"boot --nope volumes", "keg: boot: unknown flag --nope\nusage: keg boot [flags] COMMAND\n"},
		{"boot volumes x", "keg: boot volumes: takes no arguments, got [\"x\"]\nusage: keg boot volumes [flags]\n"},
		{"boot --debug volumes --dir /nonexistent", "keg: open /nonexistent: no such file or directory\n"},
		{"help boot nope", "keg: help: unknown command \"boot nope\"; `keg help` lists them\n"},
		{"completion tcsh", "keg: completion: unknown shell \"tcsh\": must be bash, zsh or fish\n"},
	} {
		status, out, stderr := keg(strings.Fields(tt.args)...)
		if status != 1 || out != "" || stderr != tt.want {
			t.Errorf("%s: status %d, output %q, error\n%s\nwant\n%s", tt.args, status, out, stderr, tt.want)
		}
	}
}

func TestEmptyArgument(t *testing.T) {
	if status, _, stderr := keg("start", ""); status != 1 || !strings.Contains(stderr, "an argument is empty") {
		t.Errorf("status %d, %s", status, stderr)
	}
}

// logLines runs keg with --log and returns what it says there.
func logLines(t *testing.T, args ...string) (log []map[string]string, stderr string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "log.json")
	if err := os.WriteFile(file, []byte(`{"level":"info","msg":"an earlier line"}`+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, _, stderr = keg(append([]string{"--log", file, "--log-format", "json"}, args...)...)
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		var m map[string]string
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		log = append(log, m)
	}
	return log, stderr
}

func TestLogJSON(t *testing.T) {
	for _, tt := range []struct{ args, want string }{
		{"kill id 9x", "invalid signal \"9x\": neither a number nor a name such as TERM, SIGKILL or RTMIN+1"},
		{"start", "start: requires exactly 1 argument(s), ID; got 0"},
		{"nope", "unknown command \"nope\"; `keg help` lists them"},
		{"--nope", "unknown flag --nope; see `keg help`"},
	} {
		log, stderr := logLines(t, strings.Fields(tt.args)...)
		if len(log) != 2 || log[0]["msg"] != "an earlier line" {
			t.Errorf("%s: log %v, want one line appended", tt.args, log)
			continue
		}
		last := log[1]
		if last["level"] != "error" || last["msg"] != tt.want {
			t.Errorf("%s: last line %v, want error %s", tt.args, last, tt.want)
		}
		if at, err := time.Parse(time.RFC3339, last["time"]); err != nil || time.Since(at) > time.Minute {
			t.Errorf("%s: time %q, %v", tt.args, last["time"], err)
		}
		if !strings.HasPrefix(stderr, "keg: "+tt.want+"\n") {
			t.Errorf("%s: standard error %q says something else", tt.args, stderr)
		}
	}
}

func TestLogFileIsMadeReadable(t *testing.T) {
	file := filepath.Join(t.TempDir(), "log")
	keg("--log="+file, "version")
	if st, err := os.Stat(file); err != nil || st.Mode().Perm()&^0o644 != 0 || st.Mode().Perm()&0o600 != 0o600 {
		t.Fatalf("%v, %v; want a file of mode 0644", st, err)
	}
	keg("nope", "--log="+file) // a command that is not known has no flags
	keg("start", "id", "extra", "--log="+file)
	data, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(data), `level=error msg="start: requires exactly 1 argument(s), ID; got 2"`) {
		t.Errorf("--log behind the command: %q, %v", data, err)
	}
}

func TestLogLevels(t *testing.T) {
	var stderr bytes.Buffer
	l := logger{stderr: &stderr}
	l.warn("%s is ignored", "linux.x")
	l.debug("not wanted")
	l.debugs = true
	l.debug("wanted")
	l.error(errors.New("it broke"))
	if got, want := stderr.String(), "keg: warning: linux.x is ignored\nkeg: debug: wanted\nkeg: it broke\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	stderr.Reset()
	l.json = true
	l.warn("a \"quoted\"\nline")
	var m map[string]string
	if err := json.Unmarshal(stderr.Bytes(), &m); err != nil || m["level"] != "warning" || m["msg"] != "a \"quoted\"\nline" {
		t.Errorf("%q: %v", stderr.String(), err)
	}
}

// With --log, standard error belongs to the container's program: an engine
// would show keg's warnings as the program's output.
func TestWarningsGoToTheLog(t *testing.T) {
	var stderr bytes.Buffer
	l := logger{stderr: &stderr}
	file := filepath.Join(t.TempDir(), "log")
	if err := l.open(&global{logFile: file, logFormat: "text"}); err != nil {
		t.Fatal(err)
	}
	l.warn("limits")
	if err := l.close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(data), `level=warning msg="limits"`) || stderr.Len() > 0 {
		t.Errorf("log %q, %v; standard error %q", data, err, stderr.String())
	}
}

func TestFullLogIsNotSilent(t *testing.T) {
	status, _, stderr := keg("--log", "/dev/full", "--debug", "start")
	if status != 1 || !strings.Contains(stderr, "requires exactly 1") {
		t.Errorf("status %d, %s", status, stderr)
	}
	l := logger{stderr: new(bytes.Buffer)}
	if err := l.open(&global{logFile: "/dev/full", logFormat: "text"}); err != nil {
		t.Fatal(err)
	}
	l.warn("lost")
	if err := l.close(); err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("close: %v, want no space left", err)
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestUnwrittenAnswerIsAnError(t *testing.T) {
	var stderr bytes.Buffer
	status := run([]string{"keg", "version"}, nil, brokenWriter{}, &stderr)
	if want := "keg: standard output: broken pipe\n"; status != 1 || stderr.String() != want {
		t.Errorf("status %d, %q", status, stderr.String())
	}
}

func TestVersion(t *testing.T) {
	defer func(v, c string) { version, commit = v, c }(version, commit)
	version, commit = "1.2.3", "abc"
	for _, program := range []string{"keg", "/usr/bin/runc"} {
		for _, arg := range []string{"version", "--version", "-v"} {
			var out bytes.Buffer
			if status := run([]string{program, arg}, nil, &out, &out); status != 0 {
				t.Errorf("%s %s: status %d", program, arg, status)
			}
			want := filepath.Base(program) + " version 1.2.3\ncommit: abc\nspec: 1.3.0\ngo: go1"
			if !strings.HasPrefix(out.String(), want) {
				t.Errorf("%s %s: %q", program, arg, out.String())
			}
		}
	}
}

func TestBundleFlags(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "other.json"), []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	words := "ID -bundle " + dir + " -pid-file p --preserve-fds=2 --no-pivot=true -no-new-keyring --config other.json"
	f, s := new(bundleFlags), argv.New(nil)
	f.add(s)
	if _, err := s.Parse(strings.Fields(words)); err != nil {
		t.Fatal(err)
	}
	o, err := f.options(&call{global: global{root: "/r"}}, "ID")
	if err != nil {
		t.Fatal(err)
	}
	if o.ID != "ID" || o.Root != "/r" || o.Bundle != dir || o.PidFile != "p" || o.PreserveFDs != 2 ||
		!o.NoPivot || !o.NoNewKeyring || string(o.Config) != "{}" || o.Warn == nil || o.Trace != nil {
		t.Errorf("options %+v", o)
	}
}

func TestBundleIsAbsolute(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	f := bundleFlags{bundle: "b"}
	if got, err := f.bundleDir(); err != nil || got != filepath.Join(dir, "b") {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := (&bundleFlags{}).bundleDir(); err == nil {
		t.Error("an empty --bundle is taken")
	}
}
