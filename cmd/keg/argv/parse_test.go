package argv

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// values are the flags of the set that the tests use: some global, some of a
// command.
type values struct {
	debug, all, force, noPivot, detach bool
	root, bundle, format               string
	env                                []string
	fds                                int
}

func testSet(v *values) *Set {
	global := New(nil)
	global.Bool(&v.debug, "debug", 0, "")
	global.String(&v.root, "root", 0, "DIR", "")
	s := New(global)
	s.Bool(&v.all, "all", 'a', "")
	s.Bool(&v.force, "force", 'f', "")
	s.Bool(&v.detach, "detach", 'd', "")
	s.Bool(&v.noPivot, "no-pivot", 0, "")
	s.String(&v.bundle, "bundle", 'b', "DIR", "")
	s.Enum(&v.format, "format", 0, "", "text", "json")
	s.Strings(&v.env, "env", 'e', "K=V", "")
	s.Count(&v.fds, "preserve-fds", 0, "N", "")
	s.Refuse("memory", 0, "SIZE", "", "limits are not there yet")
	return s
}

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		in    string
		want  values
		plain string
		rest  string
	}{
		{in: "id", plain: "id"},
		{in: "id KILL", plain: "id KILL"},
		{in: "id --force", plain: "id", want: values{force: true}},
		{in: "id --bundle B", plain: "id", want: values{bundle: "B"}},
		{in: "--bundle=B id", plain: "id", want: values{bundle: "B"}},
		{in: "--bundle= id", plain: "id"},
		{in: "--bundle --all id", plain: "id", want: values{bundle: "--all"}},
		{in: "--force=true id", plain: "id", want: values{force: true}},
		{in: "--force=false id", plain: "id"},
		{in: "--force --force=0 id", plain: "id"},
		{in: "-force=1 id", plain: "id", want: values{force: true}},
		{in: "-no-pivot id", plain: "id", want: values{noPivot: true}},
		{in: "-bundle B id", plain: "id", want: values{bundle: "B"}},
		{in: "-bundle=B id", plain: "id", want: values{bundle: "B"}},
		{in: "-all id", plain: "id", want: values{all: true}},
		{in: "-preserve-fds 3 id", plain: "id", want: values{fds: 3}},
		{in: "-b B id", plain: "id", want: values{bundle: "B"}},
		{in: "-b=B id", plain: "id", want: values{bundle: "B"}},
		{in: "-b/B id", plain: "id", want: values{bundle: "/B"}},
		{in: "-b/B=C id", plain: "id", want: values{bundle: "/B=C"}},
		{in: "-af id", plain: "id", want: values{all: true, force: true}},
		{in: "-dfb B id", plain: "id", want: values{detach: true, force: true, bundle: "B"}},
		{in: "-e A=1 --env=B=2 -env C=3", want: values{env: []string{"A=1", "B=2", "C=3"}}},
		{in: "id --root /r -debug", plain: "id", want: values{root: "/r", debug: true}},
		{in: "- id", plain: "- id"},
		{in: "--format json", want: values{format: "json"}},
		{in: "id -- --force -b", plain: "id", rest: "--force -b"},
		{in: "-f -- -- x", rest: "-- x", want: values{force: true}},
	} {
		var got values
		args, err := testSet(&got).Parse(strings.Fields(tt.in))
		if err != nil {
			t.Errorf("%q: %v", tt.in, err)
			continue
		}
		if !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%q: flags %+v, want %+v", tt.in, got, tt.want)
		}
		if p, r := strings.Join(args.Plain, " "), strings.Join(args.Rest, " "); p != tt.plain || r != tt.rest {
			t.Errorf("%q: arguments %q -- %q, want %q -- %q", tt.in, p, r, tt.plain, tt.rest)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for in, want := range map[string]string{
		"--nope id":          "unknown flag --nope",
		"-nope id":           "unknown flag -nope",
		"-x":                 "unknown flag -x",
		"-9 id":              "unknown flag -9",
		"--=x":               "unknown flag --",
		"-=x":                "unknown flag -",
		"-ax id":             "unknown flag -ax",
		"id --bundle":        "flag needs an argument: --bundle DIR",
		"id -b":              "flag needs an argument: -b DIR",
		"--force=maybe":      `--force: "maybe" is neither true nor false`,
		"--format yaml":      `--format: "yaml" is not one of text, json`,
		"--preserve-fds -1":  `--preserve-fds: "-1" is not a number of 0 or more`,
		"--preserve-fds 1x":  `--preserve-fds: "1x" is not a number of 0 or more`,
		"--memory 1G":        "--memory: limits are not there yet",
		"--no-pivo id":       "unknown flag --no-pivo",
		"-all=perhaps":       `-all: "perhaps" is neither true nor false`,
		"id --FORCE":         "unknown flag --FORCE",
		"---force":           "unknown flag ---force",
		"--preserve-fds= id": `--preserve-fds: "" is not a number of 0 or more`,
	} {
		var v values
		if _, err := testSet(&v).Parse(strings.Fields(in)); err == nil || err.Error() != want {
			t.Errorf("%q: error %v, want %s", in, err, want)
		}
	}
}

func TestParseHelp(t *testing.T) {
	for _, in := range []string{"-h", "id --help", "-help", "-f -h"} {
		var v values
		if _, err := testSet(&v).Parse(strings.Fields(in)); !errors.Is(err, ErrHelp) {
			t.Errorf("%q: error %v, want ErrHelp", in, err)
		}
	}
}

func TestParseLeading(t *testing.T) {
	for in, want := range map[string]string{
		"--debug --root /r run --force id": "run --force id",
		"run --debug":                      "run --debug",
		"--debug":                          "",
		"-- run":                           "run",
	} {
		var v values
		rest, err := testSet(&v).ParseLeading(strings.Fields(in))
		if err != nil || strings.Join(rest, " ") != want {
			t.Errorf("%q: %q, %v; want %q", in, rest, err, want)
		}
	}
}

// Flags in front of the first argument are keg's, all behind it is another
// program's.
func TestParseFirst(t *testing.T) {
	for _, tt := range []struct {
		in          []string
		want        values
		plain, rest []string
		dash        bool
	}{
		{in: nil},
		{in: []string{"-d"}, want: values{detach: true}},
		{in: []string{"id"}, plain: []string{"id"}},
		{in: []string{"-d", "id", "ls", "-d", "--force", "-x"}, want: values{detach: true}, plain: []string{"id"}, rest: []string{"ls", "-d", "--force", "-x"}},
		{in: []string{"id", "-d"}, plain: []string{"id"}, rest: []string{"-d"}},
		{in: []string{"id", "--", "ls", "--", "-a"}, plain: []string{"id"}, rest: []string{"ls", "--", "-a"}, dash: true},
		{in: []string{"id", "--"}, plain: []string{"id"}, rest: []string{}, dash: true},
		{in: []string{"--", "-id", "ls"}, plain: []string{"-id"}, rest: []string{"ls"}},
		{in: []string{"--", "-id", "--", "--"}, plain: []string{"-id"}, rest: []string{"--"}, dash: true},
		{in: []string{"id", "", "-a"}, plain: []string{"id"}, rest: []string{"", "-a"}},
		{in: []string{"", "ls"}, plain: []string{""}, rest: []string{"ls"}},
		{in: []string{"-e", "A=--", "-e=B", "id", "-e", "C"}, want: values{env: []string{"A=--", "B"}}, plain: []string{"id"}, rest: []string{"-e", "C"}},
	} {
		var got values
		args, err := testSet(&got).ParseFirst(tt.in)
		if err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%q: flags %+v, %v, want %+v", tt.in, got, err, tt.want)
		}
		if !slices.Equal(args.Plain, tt.plain) || !slices.Equal(args.Rest, tt.rest) || args.Dash != tt.dash {
			t.Errorf("%q: %+v, want %q -- %q", tt.in, args, tt.plain, tt.rest)
		}
	}
	for _, in := range [][]string{{"--nope", "id"}, {"-e"}, {"-d", "--preserve-fds", "x", "id"}} {
		var v values
		if _, err := testSet(&v).ParseFirst(in); err == nil {
			t.Errorf("%q: no error", in)
		}
	}
}

// Letters that are switches each stay so, even if together they spell a long
// flag: -ad is not --ad.
func TestClusterBeforeLongName(t *testing.T) {
	var a, d, ad bool
	s := New(nil)
	s.Bool(&a, "all", 'a', "")
	s.Bool(&d, "detach", 'd', "")
	s.Bool(&ad, "ad", 0, "")
	if _, err := s.Parse([]string{"-ad"}); err != nil || !a || !d || ad {
		t.Errorf("-ad: %v, a %v, d %v, ad %v", err, a, d, ad)
	}
	if _, err := s.Parse([]string{"--ad"}); err != nil || !ad {
		t.Errorf("--ad: %v, %v", err, ad)
	}
}
