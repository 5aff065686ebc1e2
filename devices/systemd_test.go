package devices

import (
	"fmt"
	"strings"
	"testing"
)

func TestSystemd(t *testing.T) {
	for list, want := range map[string]string{
		"deny a *:* rwm":                                                 "[{block-* m} {char-* m} {char-136 rwm} {/dev/char/10:200 rwm} {/dev/char/5:2 rwm}",
		"allow b 8:* r\nallow c *:7 r":                                   "[{block-* m} {block-8 r} {char-* m} {char-136 rwm}",
		"allow a *:* rwm":                                                "[]",
		"allow a *:* rwm\ndeny c 10:229 rw":                              "linux.resources.devices[1]: systemd would forget",
		"allow a *:* rwm\ndeny c 10:229 rw\nallow c 10:229 rw":           "[]",
		"deny a *:* rwm\nallow c 1:* r\ndeny c 1:11 r\nallow b 8:16 rwm": "linux.resources.devices[2]: cgroup v1 cannot deny",
	} {
		strict, allowed, err := Compile(parse(list)).Systemd()
		got := fmt.Sprint(allowed)
		if err != nil {
			got = err.Error()
		}
		if !strings.HasPrefix(got, want) || strict != (len(allowed) > 0) {
			t.Errorf("%q: strict %v, %s", list, strict, got)
		}
	}
}
