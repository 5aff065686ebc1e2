package main

import (
	"strings"
	"testing"

	"github.com/keg-project/keg/cmd/keg/argv"
)

// That the scripts do what they should is seen in test/completion, by pressing
// Tab: here each command and flag must be named.
func TestCompletionNamesEverything(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish"} {
		status, script, stderr := keg("completion", shell)
		if status != 0 {
			t.Fatal(stderr)
		}
		if i := strings.Index(script, "@\n"); i >= 0 {
			t.Errorf("%s: something was not filled in: %.20s", shell, script[max(0, i-20):])
		}
		for _, cmd := range allCommands() {
			_, after, found := strings.Cut(script, cmd.key())
			if !found {
				t.Errorf("%s: no %s", shell, cmd.key())
			}
			for _, f := range cmd.flags() {
				long := "--" + f.Name
				if shell == "fish" {
					long = "-l " + f.Name
				}
				if !strings.Contains(after, long) {
					t.Errorf("%s: no --%s behind %s", shell, f.Name, cmd.name)
				}
			}
		}
	}
}

// A container that a command refuses is not offered for it.
func TestCompletionStatuses(t *testing.T) {
	for _, cmd := range commands() {
		if !cmd.takesID() {
			continue
		}
		for _, status := range cmd.statuses() {
			if !strings.Contains(strings.Join(every, " "), status) {
				t.Errorf("%s: no container is ever %s", cmd.name, status)
			}
		}
	}
}

func TestFlagOffers(t *testing.T) {
	for value, want := range map[string]string{
		"DIR": "path=dirnames", "FILE": "path=default", "text|json": "words='text json'", "N": ":", "[CONTROLLER:]PATH": ":",
	} {
		if got := bashOffer(flagOffer(argv.Flag{Name: "x", Value: value})); got != want {
			t.Errorf("%s: %s, want %s", value, got, want)
		}
	}
}
