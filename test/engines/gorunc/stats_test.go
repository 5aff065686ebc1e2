package gorunc

import (
	"errors"
	"os"
	"testing"
	"time"

	runc "github.com/containerd/go-runc"
	oci "github.com/opencontainers/runtime-spec/specs-go"
)

func limits(pids int64) *oci.LinuxResources {
	memory := int64(64 << 20)
	return &oci.LinuxResources{Pids: &oci.LinuxPids{Limit: &pids}, Memory: &oci.LinuxMemory{Limit: &memory}}
}

func TestUpdateAndStats(t *testing.T) {
	each(t, func(t *testing.T, name string) {
		c := newClient(t, name, "sleep", "1000")
		c.running()
		check(t, c.Update(t.Context(), c.id, limits(50)))
		s, err := c.Stats(t.Context(), c.id)
		check(t, err)
		if s.Pids.Limit != 50 || s.Pids.Current != 1 || s.Memory.Usage.Limit != 64<<20 || s.Memory.Usage.Usage == 0 || s.Cpu.Usage.Total == 0 {
			t.Errorf("%+v", s)
		}
		wants(t, c.Update(t.Context(), c.id, limits(-2)), "pids")
	})
}

// TestEvents reads statistics once in a second, until the container ends.
func TestEvents(t *testing.T) {
	each(t, func(t *testing.T, name string) {
		c := newClient(t, name, "sleep", "1000")
		c.running()
		events, err := c.Events(t.Context(), c.id, time.Second)
		check(t, err)
		for range 2 {
			e := <-events
			if e == nil || e.Type != "stats" || e.ID != c.id || e.Stats.Pids.Current != 1 {
				t.Fatalf("%+v", e)
			}
		}
		check(t, c.Kill(t.Context(), c.id, 9, nil))
		c.end(events)
		c.await("stopped")
		check(t, c.Delete(t.Context(), c.id, &runc.DeleteOpts{}))
	})
}

// end waits for the stream's end. go-runc closes the pipe once keg has ended, and
// if it was reading then, it says so without end.
func (c *client) end(events <-chan *runc.Event) {
	for e := range events {
		if e.Type == "error" {
			if !errors.Is(e.Err, os.ErrClosed) {
				c.t.Errorf("%+v", e)
			}
			return
		}
	}
}
