package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keg-project/keg/doctor"
)

// found is one finding of each level, the worst last.
func found() []doctor.Finding {
	return []doctor.Finding{
		{Subject: "kernel", Name: "version", Found: "Linux 6", Means: "all of it"},
		{Subject: "kernel", Name: "a", Found: "there", Means: "this", Detail: true},
		{Subject: "kernel", Name: "b", Level: doctor.Warning, Found: "slow", Means: "that", Mend: "write f:\n\nx = 1\n\nthen: go", Detail: true},
		{Subject: "kernel", Name: "c", Level: doctor.Error, Found: "missing", Means: "those", Mend: "boot"},
		{Subject: "limits", Name: "d", Found: "high", Means: "much", Detail: true},
		{Subject: "paths", Name: "e", Found: "there", Means: "some", Detail: true},
		{Subject: "engines", Name: "E", Level: doctor.Note, Found: "1.0", Means: "these", Mend: "configure"},
	}
}

func TestDoctorText(t *testing.T) {
	e := examination{findings: found()}
	golden(t, "doctor.txt", e.String())
	e = examination{findings: found(), verbose: true}
	golden(t, "doctor-verbose.txt", e.String())
	e = examination{findings: found(), color: true}
	if text := e.String(); !strings.Contains(text, "\x1b[31;1merror  \x1b[0m c: missing") || !strings.Contains(text, "\x1b[1mkernel\x1b[0m") {
		t.Errorf("%q", text)
	}
}

func TestDoctorStatus(t *testing.T) {
	for level, want := range map[doctor.Level]int{doctor.OK: 0, doctor.Note: 0, doctor.Error: 1, doctor.Warning: 2} {
		if got := doctorStatus(level); got != want {
			t.Errorf("%v: %d, want %d", level, got, want)
		}
	}
	if status, _, stderr := keg("doctor", "--frobnicate"); status != doctorFailed || !strings.Contains(stderr, "unknown flag") {
		t.Errorf("%d, %s", status, stderr)
	}
}

func TestDoctorJSON(t *testing.T) {
	var b bytes.Buffer
	c := &call{stdout: &b}
	if err := c.doctorJSON("/opt/keg", found()); err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	golden(t, "doctor.json", strings.Replace(b.String(), `"version": "`+got["version"].(string)+`"`, `"version": "1"`, 1))
}

func TestColor(t *testing.T) {
	terminal, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	file, err := os.Create(filepath.Join(t.TempDir(), "file"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	t.Setenv("NO_COLOR", "")
	t.Setenv("TERM", "xterm")
	if !wantsColor(terminal) || wantsColor(file) || wantsColor(&bytes.Buffer{}) {
		t.Error("color is for terminals")
	}
	t.Setenv("TERM", "dumb")
	if wantsColor(terminal) {
		t.Error("on a dumb terminal")
	}
	t.Setenv("TERM", "xterm")
	t.Setenv("NO_COLOR", "1")
	if wantsColor(terminal) {
		t.Error("NO_COLOR is not honoured")
	}
}
