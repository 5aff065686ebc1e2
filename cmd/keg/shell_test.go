package main

import (
	"reflect"
	"strings"
	"testing"

	"github.com/keg-project/keg/box"
	"github.com/keg-project/keg/cmd/keg/argv"
)

// Both ends of the flags of shell: the field that each of them sets.
func TestShellFlags(t *testing.T) {
	words := "--user 1:2 --net=host -v /a:/b:ro --volume /c:/d -e A=1 -e B -w /w --hostname h --read-only --host --keep k --explain"
	o, s := new(box.Options), argv.New(nil)
	addShellFlags(s, o)
	if _, err := s.Parse(strings.Fields(words)); err != nil {
		t.Fatal(err)
	}
	want := &box.Options{
		User: "1:2", Net: "host", Volumes: []string{"/a:/b:ro", "/c:/d"}, Env: []string{"A=1", "B"}, Workdir: "/w",
		Hostname: "h", ReadOnly: true, Host: true, Keep: "k", Explain: true,
	}
	if !reflect.DeepEqual(o, want) {
		t.Errorf("got %+v\nwant %+v", o, want)
	}
}

func TestShellArguments(t *testing.T) {
	for _, tt := range []struct {
		words, root string
		command     []string
	}{
		{"", "", nil},
		{"--", "", nil},
		{"root.tar", "root.tar", nil},
		{"root --", "root", nil},
		{"-- ls -v", "", []string{"ls", "-v"}},
		{"root -- -- x", "root", []string{"--", "x"}},
	} {
		var o box.Options
		args, err := argv.New(nil).Parse(strings.Fields(tt.words))
		if err == nil {
			err = shellArguments(&o, args)
		}
		if err != nil || o.Root != tt.root || !reflect.DeepEqual(o.Command, tt.command) {
			t.Errorf("%q: %v, root %q, command %q", tt.words, err, o.Root, o.Command)
		}
	}
}

func TestShellRefuses(t *testing.T) {
	const usage = "usage: keg shell [flags] [ROOT] [-- COMMAND...]\n"
	for args, want := range map[string]string{
		"root ls -l":   "keg: shell: unknown flag -l\n" + usage,
		"root ls":      "keg: shell: \"ls\" comes after ROOT: write -- in front of the command\n" + usage,
		"--net bridge": "keg: shell: --net: \"bridge\" is not one of none, host\n" + usage,
		"-v":           "keg: shell: flag needs an argument: -v SRC:DST[:ro]\n" + usage,
	} {
		status, out, stderr := keg(append([]string{"shell"}, strings.Fields(args)...)...)
		if status != 1 || out != "" || stderr != want {
			t.Errorf("%s: status %d, %q, error\n%s\nwant\n%s", args, status, out, stderr, want)
		}
	}
}
