package unit

import (
	"fmt"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"
)

func TestAsked(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"TimeoutStopUSec", "uint64 123456789", "TimeoutStopUSec t 123456789"},
		{"TimeoutStopSec", "456", "TimeoutStopUSec t 456000000"},
		{"TimeoutStopSec", "byte 234", "TimeoutStopUSec t 234000000"},
		{"TimeoutStopSec", "int64 5", "TimeoutStopUSec t 5000000"},
		{"TimeoutStopSec", "1.5", "TimeoutStopUSec t 1500000"},
		{"RuntimeMaxUSec", "uint64 18446744073709551615", "RuntimeMaxUSec t infinity"},
		{"CollectMode", "'inactive-or-failed'", `CollectMode s "inactive-or-failed"`},
		{"Description", `"it's"`, `Description s "it's"`},
		{"Description", `'a\'b\\c\n'`, `Description s "a'b\\c\n"`},
		{"KillSignal", "37", "KillSignal i 37"},
		{"KillSignal", "-16", "KillSignal i -16"},
		{"SendSIGHUP", "true", "SendSIGHUP b true"},
		{"SendSIGHUP", " boolean false ", "SendSIGHUP b false"},
		{"After", "['crio.service']", `After as ["crio.service"]`},
		{"After", `[ 'a' , "b" ]`, `After as ["a", "b"]`},
		{"After", "@as []", "After as []"},
		{"AllowedCPUs", "[byte 0x05, 1]", "AllowedCPUs ay [5, 1]"},
		{"AllowedCPUs", "@ay [5, 1]", "AllowedCPUs ay [5, 1]"},
		{"X", "<uint32 7>", "X v @u 7"},
		{"Y", "int16 -3", "Y n -3"},
	} {
		list, err := asked(map[string]string{AnnotationProperty + tt.name: tt.text, "other": "x"})
		if err != nil || len(list) != 1 {
			t.Errorf("%s=%s: %v, %v", tt.name, tt.text, list, err)
			continue
		}
		if got := fmt.Sprint(list[0].Name, " ", dbus.SignatureOf(list[0].Value), " ", list[0].Text()); got != tt.want {
			t.Errorf("%s=%s: got %s, want %s", tt.name, tt.text, got, tt.want)
		}
	}
}

func TestAskedRefuses(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"A", "", "not a value"}, {"A", "word", "not a value"}, {"A", "'open", "unterminated"}, {"A", "1 2", `unexpected "2"`}, {"A", "1, 2", "unexpected"},
		{"A", "byte 256", "out of range"}, {"A", "4294967296", "out of range"}, {"A", "uint64 -1", "not a value"},
		{"A", "1_000", "not a value"}, {"A", "[1, 'a']", "given type"}, {"A", "[]", "can't infer type"},
		{"A", "['a'", "unexpected"}, {"A", "['a' 'b']", "unexpected"}, {"A", "(1, 2)", "unrecognized type"},
		{"A", "@(", "invalid signature"}, {"A", "@as 'x'", "invalid type"}, {"A", "string 5", `as type "s"`}, {"A", "<1", "unexpected"},
		{"A", "uint64 int32 5", "unexpected type"}, {"A", "'a\x00b'", "null char"}, {"A", "'\xff'", "invalid UTF-8"}, {"A", "@o 'x'", "invalid object path"},
		{"A", strings.Repeat("[", 1000), "too deeply"}, {"A", "²", "of ASCII"}, {"A", "'a' ²", "of ASCII"}, {"A", strings.Repeat("{1:", 20) + "1" + strings.Repeat("}", 20), "a dictionary"},
		{"TimeoutStopSec", "'5'", "not a number of seconds"}, {"TimeoutStopSec", "-1", "not a time"},
		{"TimeoutStopSec", "uint64 18446744073709551615", "not a time"}, {"TimeoutStopSec", "-1.5", "not a time"},
		{"", "1", "missing"}, {"A.B", "1", "letters only"}, {"A B", "1", "letters only"}, {"Timeout1", "1", "letters only"},
		{"PIDs", "[uint32 1]", "is keg's"}, {"Slice", "'a.slice'", "is keg's"}, {"Delegate", "false", "is keg's"},
	} {
		list, err := asked(map[string]string{AnnotationProperty + tt.name: tt.text})
		if err == nil || !strings.HasPrefix(err.Error(), "annotations."+AnnotationProperty+tt.name+": ") || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s=%.40s: %v, %v; want %q", tt.name, tt.text, list, err, tt.want)
		}
	}
}

// Whatever a text is taken for can be sent.
func FuzzText(f *testing.F) {
	for _, s := range []string{"uint64 5", "['a', \"b\"]", "@a(st) []", "<true>", "1.5", "{1: 'x'}", "byte 0x1", "b'abc'", "@as []", "@o '/a'", "[<1>, <'a'>]", "@b []"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := parseText(text)
		if err != nil {
			return
		}
		if got := dbus.MakeVariant(v); got.Signature().Empty() {
			t.Errorf("%q: %v", text, got)
		}
		_ = Property{"X", v}.Text()
	})
}
