package main

import (
	"strings"
	"testing"
)

func TestModprobeSplit(t *testing.T) {
	for line, want := range map[string]string{
		"dummy":               "dummy | ",
		"dummy numdummies=2":  "dummy | numdummies=2",
		"dummy loop":          `"loop" is no PARAMETER=VALUE; several modules are loaded with --all`,
		"--all dummy loop":    "dummy loop | ",
		"--all dummy x=other": "dummy x=other | ",
	} {
		words := strings.Fields(line)
		f := modprobeFlags{all: words[0] == "--all"}
		if f.all {
			words = words[1:]
		}
		names, parameters, err := f.split(words)
		got := strings.Join(names, " ") + " | " + strings.Join(parameters, " ")
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: %s; want %s", line, got, want)
		}
	}
}

// By modprobe's name, its flags are understood, or refused by theirs.
func TestModprobeFlags(t *testing.T) {
	const missing = "no-such-module-x"
	tests := []struct{ line, says string }{
		{"modprobe -q -- " + missing, ""},
		{"modprobe -abq " + missing + " " + missing, ""},
		{"modprobe " + missing, "no module"},
		{"modprobe -r dummy", "-r: keg loads modules, and does nothing else with them"},
		{"modprobe -aqD dummy", "-D: keg loads modules"},
		{"modprobe -l", "-l: keg loads modules"},
		{"modprobe --unknown dummy", "unknown flag --unknown"},
	}
	for _, tt := range tests {
		var stdout, stderr strings.Builder
		status := run(strings.Fields(tt.line), strings.NewReader(""), &stdout, &stderr)
		if said := stderr.String(); status != 1 || (tt.says == "") != (said == "") || !strings.Contains(said, tt.says) {
			t.Errorf("%s: %d, %s", tt.line, status, said)
		}
	}
}
