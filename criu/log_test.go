package criu

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestTail(t *testing.T) {
	for _, tt := range []struct {
		log  string
		want []string
	}{
		{"", nil},
		{"(00.1) Dumping\n\n(00.2)   7: Mapping\n", []string{"Dumping", "Mapping"}},
		{"(00.1) Error (criu/a.c:1): x (y) z\n(00.2) fine\n", []string{"Error (criu/a.c:1): x (y) z"}},
		{"(00.1)     12: Error (criu/a.c:1): a: b\n(00.2) Error (criu/d.c:2): Restoring FAILED.\n", []string{"Error (criu/a.c:1): a: b"}},
		{"1\n2\n3\n4\n5\n", []string{"2", "3", "4", "5"}},
	} {
		if got := tail([]byte(tt.log)); !slices.Equal(got, tt.want) {
			t.Errorf("%q: got %q, want %q", tt.log, got, tt.want)
		}
	}
}

// Of a long log only the end is read.
func TestReadLog(t *testing.T) {
	dir, err := os.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	path := filepath.Join(dir.Name(), "log")
	text := "(00.1) Error (criu/a.c:1): early\n" + strings.Repeat("(00.2) much\n", 10_000) + "(00.3) Error (criu/b.c:2): late\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := readLog(dir, "log"); got.Path != path || len(got.Lines) != 1 || got.Lines[0] != "Error (criu/b.c:2): late" {
		t.Errorf("got %q", got)
	}
	if err := os.Rename(dir.Name(), dir.Name()+".old"); err != nil {
		t.Fatal(err)
	}
	if got := readLog(dir, "log"); len(got.Lines) != 1 {
		t.Errorf("moved, it is %q", got)
	}
	if got := readLog(dir, "logx"); got.Path != "" {
		t.Errorf("a log that does not exist: %q", got)
	}
}

func TestHint(t *testing.T) {
	for text, want := range map[string]string{
		"Error (criu/vdso.c:381): vdso: Unexpected rt vDSO area bounds":                     "CRIU 4.1",
		"Some file locks are hold by dumping tasks! You can try --file-locks to dump them.": "--file-locks",
		"something else": "criu check",
	} {
		r := &Refusal{Log: Log{"dump.log", []string{text}}}
		if got := r.Error(); !strings.HasPrefix(got, "CRIU: "+text+"; see dump.log (hint: ") || !strings.Contains(got, want) {
			t.Errorf("%q: got %s", text, got)
		}
	}
}

func TestFind(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "keg-test-criu")
	if err := os.WriteFile(program, nil, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", "relative::"+dir)
	if got, err := Find("keg-test-criu"); got != program || err != nil {
		t.Errorf("in $PATH: %s, %v", got, err)
	}
	if got, err := Find(program); got != program || err != nil {
		t.Errorf("by its path: %s, %v", got, err)
	}
	if err := os.Chmod(program, 0o644); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"keg-test-criu": "is neither in $PATH nor in /usr/local/sbin:/usr/sbin:/sbin",
		program:         "permission denied",
		dir + "/none":   "no such file or directory (hint: --criu",
	} {
		if _, err := Find(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
}
