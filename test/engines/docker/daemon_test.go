package docker

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/keg-project/keg/test/engines"
	"github.com/keg-project/keg/test/engines/dockerd"
	"github.com/keg-project/keg/test/kegtest"
)

const (
	client = dockerd.Client
	image  = dockerd.Image
)

var (
	command  = dockerd.Line
	alive    = kegtest.Alive
	until    = engines.Until
	equal    = engines.Equal
	contains = engines.Contains
	write    = engines.Write
)

// daemon is the engine of the scenarios.
type daemon struct{ *dockerd.Daemon }

// start is for the scenarios: it has the image, and nothing may be left at its end.
func start(t testing.TB, r engines.Runtime) *daemon { return ready(t, r, dockerd.Setup{}) }

// begin starts one that differs from others by flags.
func begin(t testing.TB, r engines.Runtime, flags ...string) *daemon {
	t.Helper()
	return ready(t, r, dockerd.Setup{Flags: flags})
}

func ready(t testing.TB, r engines.Runtime, setup dockerd.Setup) *daemon {
	t.Helper()
	d := &daemon{dockerd.Begin(t, r, setup)}
	d.ImportImage(t)
	before := d.Remains(t)
	t.Cleanup(func() { d.Clean(t, before) })
	return d
}

// screen shows what the client does on a terminal of 33 by 77.
func (d *daemon) screen(t testing.TB, args string) *kegtest.Terminal {
	t.Helper()
	script := fmt.Sprintf("stty rows 33 cols 77; env %s %s %s", strings.Join(d.Environment(), " "), client, args)
	return kegtest.OnTerminal(t, "bash", "-c", script)
}

func content(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
