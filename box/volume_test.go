package box

import (
	"slices"
	"strings"
	"testing"
)

func TestParseVolume(t *testing.T) {
	for _, tc := range []struct {
		in, source, destination, options, want string
	}{
		{"/a:/b", "/a", "/b", "rbind", ""},
		{"/a/../c:/b/", "/c", "/b", "rbind", ""},
		{"a:/b", "/work/a", "/b", "rbind", ""},
		{".:/b:ro", "/work", "/b", "rbind rro", ""},
		{"/a:/b:rw", "/a", "/b", "rbind", ""},
		{"/a:/x/../../b", "/a", "/b", "rbind", ""},
		{"/a", "", "", "", "two or three parts"},
		{"", "", "", "", "two or three parts"},
		{"/a:/b:ro:x", "", "", "", "two or three parts"},
		{":/b", "", "", "", "SRC is empty"},
		{"/a:b", "", "", "", "absolute"},
		{"/a:", "", "", "", "absolute"},
		{"/a:/", "", "", "", "not /"},
		{"/a:/x/..", "", "", "", "not /"},
		{"/a:/b:", "", "", "", "ro or rw"},
		{"/a:/b:RO", "", "", "", "ro or rw"},
		{"/a:/b:ro,x", "", "", "", "ro or rw"},
	} {
		m, err := parseVolume(tc.in, "/work")
		if tc.want != "" {
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%q: %v, want %q", tc.in, err, tc.want)
			}
			continue
		}
		if err != nil || m.Source != tc.source || m.Destination != tc.destination || m.Type != "bind" || !slices.Equal(m.Options, strings.Fields(tc.options)) {
			t.Errorf("%q: %+v, %v", tc.in, m, err)
		}
	}
	if _, err := volumes([]string{"/nonexistent:/b"}, "/"); err == nil || !strings.Contains(err.Error(), "-v /nonexistent:/b: ") {
		t.Errorf("missing source: %v", err)
	}
}
