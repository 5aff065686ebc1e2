package unit

import (
	"fmt"
	"strings"
	"testing"

	"github.com/keg-project/keg/dbus"
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
		{"KillSignal", "-0x10", "KillSignal i -16"},
		{"SendSIGHUP", "true", "SendSIGHUP b true"},
		{"SendSIGHUP", " boolean false ", "SendSIGHUP b false"},
		{"After", "['crio.service']", `After as ["crio.service"]`},
		{"After", `[ 'a' , "b" ]`, `After as ["a", "b"]`},
		{"After", "@as []", "After as []"},
		{"AllowedCPUs", "[byte 0x05, 1]", "AllowedCPUs ay [5, 1]"},
		{"AllowedCPUs", "@ay [5, 1]", "AllowedCPUs ay [5, 1]"},
		{"DeviceAllow", "[('/dev/null', 'rw'), ('/dev/zero', 'r')]", `DeviceAllow a(ss) [("/dev/null", "rw"), ("/dev/zero", "r")]`},
		{"IODeviceWeight", "@a(st) [('/dev/sda', 5)]", `IODeviceWeight a(st) [("/dev/sda", 5)]`},
		{"X", "<uint32 7>", "X v 7"},
		{"Y", "int16 -3", "Y n -3"},
	} {
		list, err := asked(map[string]string{AnnotationProperty + tt.name: tt.text, "other": "x"})
		if err != nil || len(list) != 1 {
			t.Errorf("%s=%s: %v, %v", tt.name, tt.text, list, err)
			continue
		}
		if got := fmt.Sprint(list[0].Name, " ", list[0].Value.Type, " ", list[0].Value); got != tt.want {
			t.Errorf("%s=%s: got %s, want %s", tt.name, tt.text, got, tt.want)
		}
	}
}

func TestAskedRefuses(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"A", "", "not a value"}, {"A", "word", "not a value"}, {"A", "'open", "no end"}, {"A", "1 2", "more behind"},
		{"A", "byte 256", "out of the range"}, {"A", "4294967296", "out of the range"}, {"A", "uint64 -1", "not a value"},
		{"A", "1_000", "not a value"}, {"A", "[1, 'a']", "not of type i"}, {"A", "[]", "says nothing of its type"},
		{"A", "['a'", "no end"}, {"A", "['a' 'b']", "no end"}, {"A", "()", "no empty"}, {"A", "@a{sv} {}", "does not fit"},
		{"A", "@(", "does not fit"}, {"A", "@as 'x'", "not of type"}, {"A", "string 5", "not of type s"}, {"A", "<1", "no end"},
		{"A", "uint64 int32 5", "does not fit"}, {"A", "'a\x00b'", "no NUL"}, {"A", "'\xff'", "not UTF-8"},
		{"A", strings.Repeat("[", 1000), "too deeply"},
		{"TimeoutStopSec", "'5'", "not a number of seconds"}, {"TimeoutStopSec", "-1", "not a time"},
		{"TimeoutStopSec", "uint64 18446744073709551615", "not a time"}, {"TimeoutStopSec", "double nan", "not a time"},
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
	for _, s := range []string{"uint64 5", "['a', \"b\"]", "@a(st) [('/dev/sda', 5)]", "<true>", "1.5", "(1, 'x')", "byte 0x1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := parseText(text)
		if err != nil {
			return
		}
		m := dbus.Message{Kind: dbus.MethodCall, Serial: 1, Path: "/", Member: "M", Body: []dbus.Value{dbus.Variant(v)}}
		back, err := dbus.Unmarshal(m.Marshal())
		if err != nil || back.Body[0].String() != v.String() {
			t.Errorf("%q: %v, %v, %v", text, v, back, err)
		}
	})
}
