package gorunc

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	runc "github.com/containerd/go-runc"

	"github.com/keg-project/keg/test/kegtest"
)

func TestMain(m *testing.M) { kegtest.Main(m) }

// client is go-runc with a container of the test's own.
type client struct {
	*runc.Runc
	t      *testing.T
	bundle *kegtest.Bundle
	id     string
}

// each runs a test with keg under its own name and as runc.
func each(t *testing.T, test func(t *testing.T, name string)) {
	t.Helper()
	kegtest.NeedRoot(t)
	for _, name := range []string{"keg", "runc"} {
		t.Run(name, func(t *testing.T) { test(t, name) })
	}
}

func newClient(t *testing.T, name string, command ...string) *client {
	t.Helper()
	b := kegtest.NewBundle(t, command...)
	b.Write()
	keg, err := filepath.Abs(kegtest.Keg(t))
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(b.Dir, "bin", name)
	if err := os.Mkdir(filepath.Dir(link), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(keg, link); err != nil {
		t.Fatal(err)
	}
	auto := false
	c := &client{&runc.Runc{ // as containerd's shim has it
		Command: link, Root: b.Root, Log: filepath.Join(b.Dir, "log.json"), LogFormat: runc.JSON, PdeathSignal: syscall.SIGKILL,
		Rootless: &auto, Debug: true,
	}, t, b, b.ID()}
	t.Cleanup(func() {
		if err := c.Delete(context.Background(), c.id, &runc.DeleteOpts{Force: true}); err != nil {
			t.Error(err)
		}
	})
	return c
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// running creates the container and starts it; its output comes through the
// pipes that are returned.
func (c *client) running() runc.IO {
	c.t.Helper()
	pipes := newPipes(c.t)
	check(c.t, c.Create(c.t.Context(), c.id, c.bundle.Dir, &runc.CreateOpts{IO: pipes}))
	check(c.t, c.Start(c.t.Context(), c.id))
	return pipes
}

func newPipes(t *testing.T) runc.IO {
	t.Helper()
	pipes, err := runc.NewPipeIO(0, 0)
	check(t, err)
	t.Cleanup(func() { pipes.Close() })
	return pipes
}

// patience is for what is sure to come.
var patience = map[bool]time.Duration{false: time.Minute, true: 5 * time.Minute}[kegtest.Slow()]

// await waits for a status.
func (c *client) await(status string) {
	c.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		state, err := c.State(c.t.Context(), c.id)
		check(c.t, err)
		if state.Status == status {
			return
		}
		if time.Now().After(deadline) {
			c.t.Fatalf("the container is %s, and should be %s", state.Status, status)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// wants fails without an error that has these words.
func wants(t *testing.T, err error, words string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), words) {
		t.Errorf("%v, want an error with %q", err, words)
	}
}

func output(t *testing.T, r io.Reader) string {
	t.Helper()
	data, err := io.ReadAll(r)
	check(t, err)
	return string(data)
}
