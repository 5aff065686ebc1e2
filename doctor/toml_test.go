package doctor

import (
	"strings"
	"testing"
)

// Files as people write them, and what is taken from them.
func TestDecodeTOML(t *testing.T) {
	var c podmanConf
	const text = `
# a comment = "with an equals sign"
[containers]
annotations = ["a=b"] # of no interest
[ engine ] # a table
"runtime" = 'a#b' # c
helper_binaries_dir = ["/x",
]
runtimes.one = [ "/1", # several lines
  '/2',
]
[engine.runtimes]
`
	err := decodeTOML("/f", strings.TrimSuffix(text, "[engine.runtimes]\n"), &c)
	if list := c.Engine.Runtimes["one"]; err != nil || c.Engine.Runtime != "a#b" || len(list) != 2 || list[1] != "/2" {
		t.Errorf("%+v, %v", c, err)
	}
	// A table twice: Podman would not start with it.
	for wrong, want := range map[string]string{
		text: "/f:12: ", "[engine\n": "/f:1: ", "[engine]\nruntime = 1\n": "/f:2: ", "[engine]\nruntime = \"x\n": "/f:2: ",
	} {
		if err := decodeTOML("/f", wrong, &c); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %s", wrong, err, want)
		}
	}
}
