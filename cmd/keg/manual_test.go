package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestManualGolden(t *testing.T) {
	t.Setenv("SOURCE_DATE_EPOCH", "1000000000")
	for _, args := range [][]string{{"manual", "update"}, {"manual", "shell"}} {
		status, out, stderr := keg(args...)
		if status != 0 {
			t.Fatal(stderr)
		}
		golden(t, strings.Join(args, "-")+".txt", out)
	}
}

// Every command has a page, and every page its command's flags.
func TestManualIsWhole(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	if status, _, stderr := keg("manual", "--all", dir); status != 0 {
		t.Fatal(stderr)
	}
	_, overview, _ := keg("manual")
	for _, f := range globalFlags() {
		if !strings.Contains(overview, bold("--"+f.Name)) {
			t.Errorf("keg.1: no --%s", f.Name)
		}
	}
	for _, cmd := range allCommands() {
		group, _ := find(strings.Fields(cmd.name)[0])
		list := overview
		if group.name != cmd.name {
			_, list, _ = keg("manual", group.name)
		}
		if !strings.Contains(list, reference("keg-"+cmd.key())+"\n") {
			t.Errorf("keg.1: no %s", cmd.name)
		}
		text, err := os.ReadFile(filepath.Join(dir, "keg-"+cmd.key()+".1"))
		if err != nil {
			t.Error(err)
			continue
		}
		for _, f := range cmd.flags() {
			if !strings.Contains(string(text), bold("--"+f.Name)) {
				t.Errorf("keg-%s.1: no --%s", cmd.key(), f.Name)
			}
		}
		_, printed, _ := keg(append([]string{"manual"}, strings.Fields(cmd.name)...)...)
		if printed != string(text) {
			t.Errorf("keg manual %s prints something else than it writes", cmd.name)
		}
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != len(allCommands())+1 {
		t.Errorf("%d pages of %d commands, %v", len(files), len(allCommands()), err)
	}
}

// What stands in a text must not become a request of roff's, nor something
// that cannot be copied into a shell.
func TestRoff(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"one\ntwo", "one\ntwo\n"},
		{"one\n\ntwo", "one\n.PP\ntwo\n"},
		{".profile", "\\&.profile\n"},
		{"'tis", "\\&'tis\n"},
		{`a\b --flag don't …`, `a\eb \-\-flag don't \[u2026]` + "\n"},
		{"see `keg help`", "see \\fBkeg help\\fR\n"},
		{"say:\n  echo 'x' `y`\n\n  z ~ ^\nend", "say:\n.PP\n.RS 4\n.EX\necho \\(aqx\\(aq \\(gay\\(ga\n\nz \\(ti \\(ha\n.EE\n.RE\n.PP\nend\n"},
		{"  only", ".RS 4\n.EX\nonly\n.EE\n.RE\n"},
	} {
		p := new(page)
		p.text(tt.text)
		if got := p.String(); got != tt.want {
			t.Errorf("%q:\n%q, want\n%q", tt.text, got, tt.want)
		}
	}
	for args, want := range map[string]string{
		"": "", "ID": ` \fIID\fR`, "ID [COMMAND...]": ` \fIID\fR [\fICOMMAND\fR...]`, "bash|zsh": ` bash|zsh`, "[-- X]": ` [\-\- \fIX\fR]`,
	} {
		if got := synopsis(args); got != want {
			t.Errorf("synopsis of %q: %q, want %q", args, got, want)
		}
	}
}

func TestManualRefuses(t *testing.T) {
	for args, want := range map[string]string{
		"manual nope":         "keg: manual: unknown command \"nope\"; `keg help` lists them\n",
		"manual --all x run":  "keg: manual: --all and \"run\" exclude each other\n",
		"manual --all /dev/x": "keg: mkdir /dev/x: permission denied\n",
	} {
		if strings.Contains(args, "/dev") && os.Geteuid() == 0 {
			continue // root may
		}
		if status, _, stderr := keg(strings.Fields(args)...); status != 1 || stderr != want {
			t.Errorf("%s: status %d, %q, want %q", args, status, stderr, want)
		}
	}
	t.Setenv("SOURCE_DATE_EPOCH", "yesterday")
	if status, _, stderr := keg("manual"); status != 1 || !strings.Contains(stderr, `SOURCE_DATE_EPOCH: "yesterday" is not a number`) {
		t.Errorf("status %d, %q", status, stderr)
	}
}
