package main

import (
	"strings"
	"testing"
)

func TestPrintable(t *testing.T) {
	for msg, want := range map[string]string{
		"":                     "",
		"a: b\n\tc äöü „x“ 日本": "a: b\n\tc äöü „x“ 日本",
		"\x1b[31m\a\r\b\x7f":   `\x1b[31m\a\r\b\x7f`,
		"\u009b31m\u202e":      `\u009b31m\u202e`,
		"a\xffb":               `a\ufffdb`,
	} {
		if got := printable(msg); got != want {
			t.Errorf("%q: %q, want %q", msg, got, want)
		}
	}
}

func TestMessagesArePrintable(t *testing.T) {
	if _, _, stderr := keg("state", "\x1b[31m"); strings.Contains(stderr, "\x1b") {
		t.Errorf("it acts on the terminal: %q", stderr)
	}
	var b strings.Builder
	l := logger{stderr: &b}
	l.warn("%s", "\x1b[31m")
	if b.String() != "keg: warning: \\x1b[31m\n" {
		t.Errorf("it acts on the terminal: %q", b.String())
	}
}
