package container

import (
	"fmt"
	"io"
	"time"
)

// trace prints a timeline of the phases, for `--trace`.
type trace struct {
	w     io.Writer
	began time.Time
	last  time.Time
	name  string
}

func newTrace(w io.Writer) *trace {
	if w == nil {
		return nil
	}
	now := time.Now()
	return &trace{w: w, began: now, last: now}
}

// phase ends the phase before and begins another.
func (t *trace) phase(name string) {
	if t == nil {
		return
	}
	t.end()
	t.name, t.last = name, time.Now()
}

func (t *trace) end() {
	if t == nil || t.name == "" {
		return
	}
	now := time.Now()
	fmt.Fprintf(t.w, "%8.3f ms  +%7.3f ms  %s\n", ms(t.last.Sub(t.began)), ms(now.Sub(t.last)), t.name)
	t.name = ""
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
