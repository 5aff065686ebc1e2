package pid1

import (
	"os"
	"strings"
	"testing"
	"time"
)

// A driver that does not come to an end keeps nothing else.
func TestWithin(t *testing.T) {
	console := &screen{}
	p := &process{Options: Options{Console: console}}
	hung := make(chan struct{})
	defer close(hung)
	if p.within(20*time.Millisecond, "driver for x", func() error { <-hung; return nil }) {
		t.Error("it hangs, and has ended")
	}
	if !p.within(time.Minute, "driver for y", func() error { return os.ErrExist }) {
		t.Error("it has ended")
	}
	for _, want := range []string{"driver for x: not waited for any longer than 20ms", "driver for y: file already exists"} {
		if !strings.Contains(console.String(), want) {
			t.Errorf("it lacks %q: %s", want, console)
		}
	}
}
