package devices

import (
	"slices"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// parse reads rules as text prints them: "deny a *:* rwm".
func parse(s string) (list []oci.LinuxDeviceCgroup) {
	for line := range strings.Lines(s) {
		f := strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == ':' || r == '\n' })
		if len(f) != 5 {
			continue
		}
		major, minor := parseNumber(f[2]), parseNumber(f[3])
		list = append(list, oci.LinuxDeviceCgroup{Allow: f[0] == "allow", Type: f[1], Major: &major, Minor: &minor, Access: f[4]})
	}
	return list
}

func v1Text(s *Set) string {
	v, err := s.V1()
	if err != nil {
		return err.Error()
	}
	var lines []string
	for _, c := range v.anew() {
		lines = append(lines, strings.TrimPrefix(c.File, "devices.")+" "+c.Line)
	}
	return strings.Join(lines, ", ")
}

const alwaysLines = "allow c 1:3 mrw, allow c 1:5 mrw, allow c 1:7 mrw, allow c 1:8 mrw, allow c 1:9 mrw, " +
	"allow c 5:0 mrw, allow c 5:1 mrw, allow c 5:2 mrw, allow c 10:200 mrw, allow c 136:* mrw, "

func TestCompile(t *testing.T) {
	for _, tt := range []struct{ list, lines, v1 string }{
		{"", alwaysLines + "allow c *:* m, allow b *:* m",
			"deny a, allow b *:* m, allow c *:* m, allow c 136:* mrw, allow c 10:200 mrw, allow c 5:2 mrw, allow c 5:1 mrw, allow c 5:0 mrw, " +
				"allow c 1:9 mrw, allow c 1:8 mrw, allow c 1:7 mrw, allow c 1:5 mrw, allow c 1:3 mrw"},
		{"allow a *:* rwm", "allow c *:* mrw, allow b *:* mrw", "allow a"},
		{"allow a *:* rwm\ndeny c 1:11 r\ndeny c 10:* w\ndeny b *:* rw", // 10:* does not reach tun
			"allow c 1:11 mw, allow c 10:200 mrw, allow c 10:* mr, allow c *:* mrw, allow b *:* m", "linux.resources.devices[2]: cgroup v1 cannot deny c 10:* w, a part of what is allowed by c *:*"},
		{"allow a *:* rwm\ndeny c 1:11 r\ndeny b *:* rw", "allow c 1:11 mw, allow c *:* mrw, allow b *:* m", "allow a, deny b *:* rw, deny c 1:11 r"},
		{"allow a *:* rwm\ndeny b *:* r\ndeny b 8:1 rw", "", "allow a, deny b *:* r, deny b 8:1 w"},
		{"allow b 8:* rw\ndeny b 8:1 w", "", "linux.resources.devices[1]: cgroup v1 cannot deny b 8:1 w, a part of what is allowed by b 8:*"},
		// What a wider rule allows is part of each exception: one must have all that is asked for at once.
		{"allow b *:* r\nallow b 8:1 w\ndeny c 5:1 rwm\ndeny c 136:* rw", "", "allow b *:* mr, allow b 8:1 mrw"},
		{"allow c *:11 r\ndeny c 2:11 r\nallow c 2:* w", "", "linux.resources.devices[1]: cgroup v1 cannot deny c 2:11 r, a part of what is allowed by c *:11"},
		{"allow c *:11 r\nallow c 2:* rw", "", "allow c 2:* mrw"},
	} {
		s := Compile(parse(tt.list))
		if lines := strings.Join(s.Lines(), ", "); tt.lines != "" && lines != tt.lines {
			t.Errorf("%s\ngot  %s\nwant %s", tt.list, lines, tt.lines)
		}
		if v1 := v1Text(s); !strings.Contains(v1, tt.v1) {
			t.Errorf("%s\ngot  %s\nwant %s", tt.list, v1, tt.v1)
		}
	}
}

// The programs stay as small as this.
func TestProgramSize(t *testing.T) {
	for list, most := range map[string]int{
		"":                    31,
		"allow a *:* rwm":     2,
		"deny a *:* rwm":      31,
		"allow b 8:1 rwm\n":   33,
		"allow c 1:3 rw\n":    31, // is there
		"allow c 116:* rwm\n": 32,
	} {
		code, err := Compile(parse(list)).Program()
		if err != nil || len(code) > most {
			t.Errorf("%q: %d instructions, %v; want at most %d", list, len(code), err, most)
		}
	}
}

// A jump in an instruction has 16 bits.
func TestProgramTooLong(t *testing.T) {
	s := &Set{block: table{{node{Any, Any}, 0}}, char: table{{node{Any, Any}, 0}}}
	for minor := range int64(1 << 15) {
		s.block = slices.Insert(s.block, int(minor), entry{node{8, minor}, Read})
	}
	if code, err := s.Program(); err == nil {
		t.Errorf("%d instructions", len(code))
	}
}

func TestOnlyDefault(t *testing.T) {
	for list, want := range map[string]bool{
		"":                                   true,
		"deny a *:* rwm":                     true,
		"deny a *:* rwm\nallow c 1:3 rw":     true,
		"allow a *:* rwm":                    true,
		"deny a *:* rw":                      false,
		"deny c *:* rwm":                     false,
		"deny a 1:* rwm":                     false,
		"allow a *:* rwm\ndeny c 10:229 rwm": false,
	} {
		if got := OnlyDefault(parse(list)); got != want {
			t.Errorf("%q: %v", list, got)
		}
	}
}
