package main

import (
	"math"
	"testing"
)

func TestParseUser(t *testing.T) {
	id := func(n uint32) *uint32 { return &n }
	for in, want := range map[string]struct {
		uid uint32
		gid *uint32
	}{
		"0":                     {0, nil},
		"1000":                  {1000, nil},
		"0:0":                   {0, id(0)},
		"1000:100":              {1000, id(100)},
		"4294967294:4294967294": {math.MaxUint32 - 1, id(math.MaxUint32 - 1)},
		"007:08":                {7, id(8)}, // decimal, as in a passwd file
	} {
		uid, gid, err := parseUser(in)
		if err != nil || uid != want.uid || (gid == nil) != (want.gid == nil) || gid != nil && *gid != *want.gid {
			t.Errorf("%q: %d, %v, %v", in, uid, gid, err)
		}
	}
}

// CVE-2026-30892: a loose parser makes somebody else, often root, of these.
func TestParseUserRefuses(t *testing.T) {
	for _, in := range []string{
		"", " ", ":", "0:", ":0", "root", "root:root", "0:root", "1000x", "1000 ", " 1000", "1000\n", "1000\x00", "1 000", "1_000",
		"+1", "-1", "-0", "0:+1", "0:-1", "0x0", "0b1", "0o7", "1e3", "1.0", "1,2", "0:0:0", "0::0", "4294967295", "4294967296",
		"18446744073709551616", "0:4294967295", "\u0661", "٣", "0;0",
	} {
		if uid, gid, err := parseUser(in); err == nil {
			t.Errorf("%q: %d, %v", in, uid, gid)
		}
	}
}

func TestCheckCapability(t *testing.T) {
	for name, want := range map[string]string{
		"CAP_CHOWN": "", "CAP_CHECKPOINT_RESTORE": "",
		"CHOWN":     `"CHOWN" is not a capability (hint: CAP_CHOWN)`,
		"sys_admin": `"sys_admin" is not a capability (hint: CAP_SYS_ADMIN)`,
		"cap_chown": `"cap_chown" is not a capability`,
		"":          `"" is not a capability`,
		"ALL":       `"ALL" is not a capability`,
	} {
		got := ""
		if err := checkCapability(name); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q: %s, want %s", name, got, want)
		}
	}
}
