package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// sampleTest is run with the generated decoder.
const sampleTest = `package sample

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/keg-project/keg/jsonscan"
)

const text = ` + "`" + `{"id": 255, "NAME": "n", "plain": true, "Private": 3, "other": 1, "hidden": 2,
	"when": "2026-01-02T03:04:05.000000006Z", "whens": ["2026-01-02T03:04:05Z", null],
	"inner": {"deep": [{"a": [1, null, -32768]}, null, {}]}, "byName": {"x": {"deep": []}, "y": {}}}` + "`" + `

func TestSample(t *testing.T) {
	var got, want Sample
	s := jsonscan.New([]byte(text))
	decodeSample(s, &got)
	if m, err := s.Close(); m != nil || err != nil {
		t.Fatal(m, err)
	}
	if err := json.Unmarshal([]byte(text[:len(text)-1]+"}"), &want); err == nil || want.Name != "n" {
		t.Fatal(err, want) // "other" is a number: encoding/json knows no platforms
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestMismatches(t *testing.T) {
	var v Sample
	s := jsonscan.New([]byte(` + "`" + `{"id": 256, "when": "noon", "byName": {"k": {"deep": [{"a": [true]}]}}, "whens": [1]}` + "`" + `))
	decodeSample(s, &v)
	m, err := s.Close()
	if err != nil || len(m) != 4 {
		t.Fatal(m, err)
	}
	for i, path := range []string{"id", "when", ` + "`" + `byName["k"].deep[0]["a"][0]` + "`" + `, "whens[0]"} {
		if m[i].Path != path {
			t.Errorf("%s, want %s", m[i].Path, path)
		}
	}
}
`

// TestSample generates for a package that does not compile without the result,
// and runs the result against encoding/json.
func TestSample(t *testing.T) {
	source, err := os.ReadFile("testdata/sample/sample.go")
	if err != nil {
		t.Fatal(err)
	}
	code, err := generate("testdata/sample", options{types: []string{"Sample"}, platform: "linux", out: "decode_gen.go"})
	if err != nil {
		t.Fatal(err)
	}
	// below the module, so that jsonscan is found without a network
	dir, err := os.MkdirTemp(".", "testdata-sample-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	for name, text := range map[string][]byte{
		"sample.go": source, "decode_gen.go": code, "sample_test.go": []byte(sampleTest),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("go", "test", ".")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s\n%s", err, out, code)
	}
}

func TestRefused(t *testing.T) {
	tests := []struct{ code, want string }{
		{"type T struct { A float64 }", "T.A: cannot decode a float64"},
		{"type T struct { A any }", "T.A: cannot decode a any"},
		{"type T struct { A []byte }", "T.A: cannot decode bytes (base64)"},
		{"type T struct { A map[int]string }", "T.A: a map's keys must be of type string"},
		{"type T struct { A struct{ B int } }", "T.A: struct{B int} is not a named struct of package sample"},
		{"type T struct { A int; B int `json:\"a\"` }", `T: two fields for the key "a"`},
		{"type U struct { A int }", "no type T in sample"},
	}
	for _, tt := range tests {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "a.go"), []byte("package sample\n"+tt.code), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := generate(dir, options{types: []string{"T"}, out: "decode_gen.go"})
		if err == nil || err.Error() != tt.want {
			t.Errorf("%s: %v, want %s", tt.code, err, tt.want)
		}
	}
}

func TestUsage(t *testing.T) {
	for _, args := range []string{"", "-type T -out ../x.go", "-type T extra"} {
		if _, err := parse(strings.Fields(args)); err == nil || !strings.HasPrefix(err.Error(), "usage:") {
			t.Errorf("%q: %v", args, err)
		}
	}
	line := "-type A,B -pkg p/q -platform linux -strings -out x.go"
	opts, err := parse(strings.Fields(line))
	if err != nil || opts.command() != line {
		t.Errorf("%q: %v", opts.command(), err)
	}
}
