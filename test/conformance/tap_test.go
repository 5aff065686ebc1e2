package conformance

import (
	"reflect"
	"testing"
)

func TestRead(t *testing.T) {
	const stdout = `TAP version 13
ok 1 - create MUST create
  ---
  {
    "error": "that of an assertion which an error makes pass"
  }
  ...
not ok 2 - bundle /tmp/x/ocitest123/config.json of 0f1e2d3c-0000-4000-8000-123456789abc
not ok 3 - bundle /tmp/x/ocitest45/config.json of 1f1e2d3c-0000-4000-8000-123456789abc
# expect: 1, actual: 2
ok 4 # SKIP linux.mountlabel not set
ok 5
1..5
`
	want := Report{
		Passed:  map[string]int{"create MUST create": 1, "": 1},
		Failed:  map[string]int{"bundle BUNDLE/config.json of ID": 2},
		Skipped: 1,
		Exit:    3,
	}
	if got := read(stdout, "", 3); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
}

// Programs without assertions say what is wrong all the same.
func TestReadComplaint(t *testing.T) {
	for _, c := range []struct {
		stdout, stderr string
		failed         map[string]int
	}{
		{"TAP version 13\n1..0\n", "", map[string]int{}},
		{"TAP version 13\n  ---\n  {\n    \"error\": \"hooks MUST\\nbe\"\n  }\n  ...\n1..0\n", "", map[string]int{"hooks MUST be": 1}},
		{"TAP version 13\n  ---\n  {\n    \"level\": \"MUST\"\n  }\n  ...\n1..0\n", "", map[string]int{}},
		{"TAP version 13\n1..0\n", "WARNING: The hook fails\n", map[string]int{"The hook fails": 1}},
	} {
		got := read(c.stdout, c.stderr, 0)
		if !reflect.DeepEqual(got.Failed, c.failed) || got.Passes() != (len(c.failed) == 0) {
			t.Errorf("%q, %q: %+v", c.stdout, c.stderr, got)
		}
	}
}
