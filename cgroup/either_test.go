package cgroup

import (
	"errors"
	"strings"
	"syscall"
	"testing"

	"github.com/keg-project/keg/resources"
)

// One of several files is enough, whichever it is; without any, the error says
// so. Those of another field do not count.
func TestApplyEither(t *testing.T) {
	c, _ := made(t)
	either := func(field, file string) resources.Write {
		w := write("pids", file, "7")
		w.Field, w.Either = field, true
		return w
	}
	missing, there := either("f", "pids.missing"), either("f", "pids.max")
	for _, limits := range [][]resources.Write{{missing, there}, {there, missing}, {there}, {there, there}} {
		if err := c.Apply(append([]resources.Write{write("pids", "pids.max", "max")}, limits...)); err != nil || read(t, c, "pids", "pids.max") != "7" {
			t.Errorf("%v: %v", limits, err)
		}
	}
	for _, limits := range [][]resources.Write{{missing}, {missing, missing}, {missing, either("g", "pids.max")}, {either("g", "pids.max"), missing}} {
		err := c.Apply(limits)
		if !errors.Is(err, syscall.ENOENT) || !strings.HasPrefix(err.Error(), "f: open /") {
			t.Errorf("%v: %v", limits, err)
		}
	}
	refused := there
	refused.Value = "many"
	if err := c.Apply([]resources.Write{there, refused}); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("a value that is refused is no file that is missing: %v", err)
	}
}

// A file that is not there in spite of the controller.
func TestApplyNoFile(t *testing.T) {
	c, _ := made(t)
	err := c.Apply([]resources.Write{write("pids", "pids.missing", "1")})
	if err == nil || !strings.HasSuffix(err.Error(), `pids.missing: no such file or directory (value "1") (hint: this kernel has no such file)`) {
		t.Error(err)
	}
}
