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

const alwaysLines = "c 1:3 rwm, c 1:5 rwm, c 1:7 rwm, c 1:8 rwm, c 1:9 rwm, " +
	"c 5:0 rwm, c 5:1 rwm, c 5:2 rwm, c 10:200 rwm, c 136:* rwm, "

func TestCompile(t *testing.T) {
	for _, tt := range []struct{ list, lines, v1 string }{
		{"", alwaysLines + "c *:* m, b *:* m",
			"deny a, allow b *:* m, allow c *:* m, allow c 136:* rwm, allow c 10:200 rwm, allow c 5:2 rwm, allow c 5:1 rwm, allow c 5:0 rwm, " +
				"allow c 1:9 rwm, allow c 1:8 rwm, allow c 1:7 rwm, allow c 1:5 rwm, allow c 1:3 rwm"},
		{"allow a *:* rwm", "c *:* rwm, b *:* rwm", "allow a"},
		{"allow a *:* rwm\ndeny c 1:11 r\ndeny c 10:* w\ndeny b *:* rw", // 10:* does not reach tun
			"c 1:11 wm, c 10:200 rwm, c 10:* rm, c *:* rwm, b *:* m", "linux.resources.devices[2]: cgroup v1 cannot deny c 10:* w, a part of what is allowed by c *:*"},
		{"allow a *:* rwm\ndeny c 1:11 r\ndeny b *:* rw", "c 1:11 wm, c *:* rwm, b *:* m", "allow a, deny b *:* rw, deny c 1:11 r"},
		{"allow a *:* rwm\ndeny b *:* r\ndeny b 8:1 rw", "", "allow a, deny b *:* r, deny b 8:1 w"},
		{"allow b 8:* rw\ndeny b 8:1 w", "", "linux.resources.devices[1]: cgroup v1 cannot deny b 8:1 w, a part of what is allowed by b 8:*"},
		// What a wider rule allows is part of each exception, but for making nodes: one must have all that is asked for at once.
		{"allow b *:* r\nallow b 8:1 w\ndeny c 5:1 rwm\ndeny c 136:* rw", "", "allow b *:* rm, allow b 8:1 rw,"},
		{"allow c *:11 r\ndeny c 2:11 r\nallow c 2:* w", "", "linux.resources.devices[1]: cgroup v1 cannot deny c 2:11 r, a part of what is allowed by c *:11"},
		{"allow c *:11 r\nallow c 2:* rw", "", "allow c *:11 r, allow c 2:* rw,"},
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

func TestEnforce(t *testing.T) {
	const user, bare = "that takes CAP_SYS_ADMIN", "neither cgroup v1's devices controller nor"
	for _, tt := range []struct {
		list       string
		f          Facts
		enforced   bool
		warns, err string
	}{
		{"", Facts{Control: Program, Privileged: true, Nodes: true}, true, "", ""},
		{"deny c 1:11 r", Facts{Control: V1Files, Privileged: true}, true, "", ""},
		{"allow c 1:* r\ndeny c 1:11 r", Facts{Control: Program, Privileged: true}, true, "", ""},
		{"allow c 1:* r\ndeny c 1:11 r", Facts{Control: V1Files, Privileged: true}, true, "", "linux.resources.devices[1]: cgroup v1 cannot"},
		// An ordinary user's.
		{"", Facts{}, false, "", ""},
		{"deny a *:* rwm", Facts{}, false, "linux.resources.devices: not enforced: " + user, ""},
		{"deny a *:* rwm\nallow c 1:3 rw", Facts{}, false, "linux.resources.devices: not enforced: " + user, ""},
		{"allow a *:* rwm", Facts{}, false, "", ""},
		{"deny a *:* rw", Facts{}, false, "", "linux.resources.devices[0]: cannot be enforced: " + user},
		{"deny c *:* rwm", Facts{}, false, "", "linux.resources.devices[0]: cannot"},
		{"deny a 1:* rwm", Facts{}, false, "", "linux.resources.devices[0]: cannot"},
		{"allow a *:* rwm\ndeny c 10:229 rwm", Facts{}, false, "", "linux.resources.devices[1]: cannot"},
		// Root's, where there are no cgroups.
		{"", Facts{Privileged: true, Nodes: true}, false, "linux.resources.devices: all devices can be used: " + bare, ""},
		{"deny a *:* rwm", Facts{Privileged: true, Nodes: true}, false, "", "linux.resources.devices: cannot be enforced: " + bare},
		{"deny a *:* rwm", Facts{Privileged: true}, false, "linux.resources.devices: not enforced: " + bare, ""}, // in a user namespace
		{"allow a *:* rwm", Facts{Privileged: true, Nodes: true}, false, "", ""},
	} {
		s, warning, err := Enforce(parse(tt.list), tt.f)
		message := ""
		if err != nil {
			message = err.Error()
		}
		if !strings.HasPrefix(warning, tt.warns) || !strings.HasPrefix(message, tt.err) || (tt.warns == "") != (warning == "") || (tt.err == "") != (err == nil) {
			t.Errorf("%q, %+v: warning %q, error %v", tt.list, tt.f, warning, err)
		}
		if err == nil && (s != nil) != tt.enforced {
			t.Errorf("%q, %+v: %v", tt.list, tt.f, s)
		}
	}
}
