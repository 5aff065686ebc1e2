package box

import (
	"strings"
	"testing"
)

func TestOptionsAreNamedAsTheyWereGiven(t *testing.T) {
	for want, o := range map[string]Options{
		"--host and ROOT /r: one root only":                            {Host: true, Root: "/r"},
		"-w src: must be an absolute path, of the container's":         {Workdir: "src"},
		"--hostname hhhhhhhhhhhhhhhh...: has 65 bytes, 64 are allowed": {Hostname: strings.Repeat("h", 65)},
		"--net bridge: must be none or host":                           {Net: "bridge"},
		"":                                                             {Workdir: "/src", Hostname: strings.Repeat("h", 64)},
	} {
		got := ""
		if err := o.check(); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
