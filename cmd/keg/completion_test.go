package main

import (
	"os/exec"
	"strings"
	"testing"
)

// complete asks bash what Tab offers at the end of line.
func complete(t *testing.T, script, line string) []string {
	t.Helper()
	words := strings.Split(line, " ")
	quoted := "'" + strings.Join(words, "' '") + "'"
	cmd := exec.Command("bash", "--norc", "-c", script+
		"\nkeg() { [ \"$*\" = 'list -q' ] && echo one two; }"+
		"\nCOMP_WORDS=("+quoted+"); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _keg; echo \"${COMPREPLY[@]}\"")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", line, err, out)
	}
	return strings.Fields(string(out))
}

func TestBashCompletion(t *testing.T) {
	status, script, stderr := keg("completion", "bash")
	if status != 0 {
		t.Fatal(stderr)
	}
	for line, want := range map[string]string{
		"keg st":                    "start state",
		"keg --root /r --debug sta": "start state",
		"keg --log-f":               "--log-format",
		"keg kill ":                 "one two",
		"keg kill o":                "one",
		"keg kill --a":              "--all",
		"keg --root=/r delete --":   "--force --help",
		"keg create ":               "",
		"keg completion ":           "bash zsh fish",
		"keg help vers":             "version",
		"keg run --no-":             "--no-pivot --no-new-keyring --no-subreaper",
		"keg nosuchcommand ":        "",
	} {
		if got := strings.Join(complete(t, script, line), " "); got != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
}

// zsh and fish may not be there to try: each command and flag must be named,
// and every line be whole.
func TestOtherCompletions(t *testing.T) {
	_, zsh, _ := keg("completion", "zsh")
	_, bash, _ := keg("completion", "bash")
	if !strings.HasSuffix(zsh, bash) || !strings.Contains(zsh, "bashcompinit\n") {
		t.Errorf("zsh's script does not contain bash's:\n%s", zsh)
	}
	_, fish, _ := keg("completion", "fish")
	for line := range strings.Lines(fish) {
		if !strings.HasPrefix(line, "complete -c keg ") || strings.Count(strings.ReplaceAll(line, `\'`, ""), "'")%2 != 0 {
			t.Errorf("fish: %s", line)
		}
	}
	for _, cmd := range commands() {
		if !strings.Contains(fish, " -a "+cmd.name+" ") {
			t.Errorf("fish: no %s", cmd.name)
		}
		for _, f := range cmd.flags() {
			if !strings.Contains(fish, "__fish_seen_subcommand_from "+cmd.name+"' -l "+f.Name+" ") {
				t.Errorf("fish: no --%s of %s", f.Name, cmd.name)
			}
		}
	}
}
