package buildah

import (
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/keg-project/keg/test/engines"
)

var interrupting = []scenario{
	{Name: "bud: INT ends RUN, and leaves nothing", Run: budEnds(syscall.SIGINT)},
	{Name: "bud: TERM ends RUN, and leaves nothing", Run: budEnds(syscall.SIGTERM)},
	{Name: "bud: HUP ends RUN, and leaves nothing", Run: budEnds(syscall.SIGHUP)},
	{Name: "run: TERM ends the program, and leaves nothing", Run: runEnds},
}

// stubborn is a program that ends for no signal that it can ignore, though after some
// minutes by itself: should all else fail it is not left for good. Its child has the
// output open as well. Buildah starts the container first, and then begins to listen for
// signals: who is early ends Buildah alone.
const stubborn = "trap '' INT TERM; (sleep 1000; echo never) & sleep 1; echo '> ready'; for i in $(seq 6000); do sleep 0.1; done"

const stubbornFile = "FROM localhost/busybox\nRUN " + stubborn + "\n"

func budEnds(s syscall.Signal) func(testing.TB, *buildah) {
	return func(t testing.TB, b *buildah) {
		contains(t, "message", b.interrupted(t, s, b.builds(t, stubbornFile)...), "building at STEP")
	}
}

func runEnds(t testing.TB, b *buildah) {
	b.interrupted(t, syscall.SIGTERM, "run", box, "--", "sh", "-c", stubborn)
}

// interrupted sends a signal to a command once its container runs, and is all that it
// has shown. It is to Buildah alone: a terminal's reaches a runtime's `state` as well,
// if that is being called just then, and Buildah gives up without removing the container.
func (b *buildah) interrupted(t testing.TB, s syscall.Signal, args ...string) string {
	t.Helper()
	shown, err := os.Create(b.Path("shown"))
	if err != nil {
		t.Fatal(err)
	}
	defer shown.Close()
	text := func() string {
		all, _ := os.ReadFile(shown.Name())
		return string(all)
	}
	cmd := b.command(args...)
	cmd.Stdout, cmd.Stderr = shown, shown
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	defer cmd.Process.Kill() // if it has not ended; its container is then the supervisor's to end
	within(t, "the program runs", func() bool { return strings.Contains(text(), "> ready\n") })
	cmd.Process.Signal(s)
	select {
	case err := <-ended:
		if err == nil {
			t.Errorf("it has succeeded\n%s", text())
		}
	case <-time.After(engines.Patience):
		t.Fatalf("it goes on\n%s", text())
	}
	b.nothingLeft(t)
	return text()
}

// nothingLeft: of working containers only the one for all scenarios, and nothing else.
func (b *buildah) nothingLeft(t testing.TB) {
	t.Helper()
	b.NothingLeft(t)
	equal(t, "working containers", b.ok(t, "containers", "--noheading", "--format", "{{.ContainerName}}"), box)
}
