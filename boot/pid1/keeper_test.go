package pid1

import (
	"bytes"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/keg-project/keg/boot/reap"
)

// keeperDir is where the test binary, as a supervisor, counts how often it was
// started.
const keeperDir = "KEG_TEST_KEEPER"

// keeperTold has it end as if somebody had told it to.
const keeperTold = "KEG_TEST_KEEPER_TOLD"

// supervisor crashes the first two times, and then works until it is told to
// end.
func supervisor(dir string) int {
	entries, err := os.ReadDir(dir)
	if err != nil {
		fmt.Println(err)
		return 1
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(len(entries))), nil, 0o600); err != nil {
		fmt.Println(err)
		return 1
	}
	if len(entries) < 2 {
		return 9
	}
	os.NewFile(3, "tried").Write([]byte{1})
	if os.Getenv(keeperTold) != "" {
		return EndedAsTold
	}
	<-stop
	return 0
}

// newReaper: a process has one.
var newReaper = sync.OnceValues(reap.New)

// screen is a console for several writers.
type screen struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func newKeeper(t *testing.T) (p *process, console *screen, dir string) {
	t.Helper()
	dir = t.TempDir()
	t.Setenv(keeperDir, dir)
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { null.Close() })
	reaper, err := newReaper()
	if err != nil {
		t.Fatal(err)
	}
	console = &screen{}
	return &process{Options: Options{Console: console}, reaper: reaper, null: null, orders: make(chan order, 1)}, console, dir
}

// A supervisor that crashes is started again, one that is told to end is not.
func TestKeepServices(t *testing.T) {
	p, console, dir := newKeeper(t)
	p.keepServices()
	if o := p.servicesTried(); o != none {
		t.Errorf("an order: %s", o)
	}
	if !p.services.end(time.Minute) {
		t.Error("it does not end")
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 3 {
		t.Errorf("started %d times, %v", len(entries), err)
	}
	text := console.String()
	if strings.Count(text, "the supervisor ended, exit status 9") != 2 || !strings.Contains(text, "once more in 200ms") ||
		!strings.Contains(text, "once more in 400ms") || !strings.Contains(text, "services: tried") {
		t.Error(text)
	}
}

// One that somebody else has told to end is not started again, even if it could
// not remove everything.
func TestKeeperTold(t *testing.T) {
	t.Setenv(keeperTold, "1")
	p, console, dir := newKeeper(t)
	p.keepServices()
	if o := p.servicesTried(); o != none {
		t.Errorf("an order: %s", o)
	}
	select {
	case <-p.services.gone:
	case <-time.After(time.Minute):
		t.Error("it is started again")
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 3 {
		t.Errorf("started %d times, %v: %s", len(entries), err, console)
	}
	if !p.services.end(time.Minute) {
		t.Error("it does not end")
	}
}
