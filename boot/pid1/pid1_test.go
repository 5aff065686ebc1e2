package pid1

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/keg-project/keg/linux"
)

func TestOrderOf(t *testing.T) {
	want := map[os.Signal]order{
		syscall.SIGTERM: restart, syscall.SIGINT: restart, syscall.SIGUSR1: halt, syscall.SIGPWR: halt,
		syscall.SIGUSR2: powerOff, syscall.SIGHUP: none, syscall.SIGCHLD: none,
	}
	for s, o := range want {
		if got := orderOf(s); got != o {
			t.Errorf("%v: %q", s, got)
		}
	}
}

func TestHostname(t *testing.T) {
	const address = "52:54:00:12:34:56"
	tests := []struct{ file, now, address, want string }{
		{"web", "(none)", address, "web"},
		{"web", "given", address, "web"},
		{"", "(none)", address, "linuxkit-525400123456"},
		{"", "", address, "linuxkit-525400123456"},
		{"", "given", address, ""},
		{"", "(none)", "", ""},
	}
	for _, tt := range tests {
		if got := hostname(tt.file, tt.now, tt.address); got != tt.want {
			t.Errorf("%+v: %q", tt, got)
		}
	}
}

func TestParseUevent(t *testing.T) {
	e := parseUevent("add@/devices/pci0/virtio0\x00ACTION=add\x00DEVPATH=/devices/pci0/virtio0\x00MODALIAS=virtio:d1v1\x00SEQNUM=7\x00")
	if e.action != "add" || e.modalias != "virtio:d1v1" || len(e.variables) != 4 {
		t.Errorf("%+v", e)
	}
	// What udevd sends to its own listeners has another form.
	for _, other := range []string{"", "libudev\x00\xfe\xed", "add@/x", "x\x00ACTION=add\x00"} {
		if e := parseUevent(other); e.action != "" {
			t.Errorf("%q: %+v", other, e)
		}
	}
}

func FuzzParseUevent(f *testing.F) {
	f.Add("add@/x\x00ACTION=add\x00MODALIAS=a\x00")
	f.Fuzz(func(t *testing.T, message string) {
		e := parseUevent(message)
		if e.modalias != "" && !slices.Contains(e.variables, "MODALIAS="+e.modalias) {
			t.Errorf("%q: %+v", message, e)
		}
	})
}

func TestOurs(t *testing.T) {
	list := []linux.Process{{Pid: 1}, {Pid: 2, Flags: kernelThread}, {Pid: 3, Parent: 2, Flags: kernelThread}, {Pid: 10, Parent: 1},
		{Pid: 11, Parent: 10}, {Pid: 12, Parent: 11}, {Pid: 13, Parent: 10, State: 'Z'}, {Pid: 20, Parent: 1}, {Pid: 30, Parent: 31}}
	if got := ours(list, 1); !slices.Equal(got, []int{10, 11, 12, 20, 30}) {
		t.Errorf("of process 1: %v", got)
	}
	if got := ours(list, 10); !slices.Equal(got, []int{11, 12}) {
		t.Errorf("of a subreaper: %v", got)
	}
	if got := ours([]linux.Process{{Pid: 5, Parent: 6}, {Pid: 6, Parent: 5}}, 7); got != nil {
		t.Errorf("of a circle: %v", got)
	}
}

func TestScripts(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"020-b", "000-a", "010-c"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(os.Mkdir(filepath.Join(dir, "005-directory"), 0o700), os.Symlink("000-a", filepath.Join(dir, "015-link")),
		os.Symlink("nowhere", filepath.Join(dir, "016-dangling")), os.Symlink(self, filepath.Join(dir, "030-containerd"))); err != nil {
		t.Fatal(err)
	}
	list, err := scripts(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names, keepers []string
	for _, name := range list {
		names = append(names, filepath.Base(name))
		if startsServices(name) {
			keepers = append(keepers, filepath.Base(name))
		}
	}
	if got := strings.Join(names, " "); got != "000-a 010-c 015-link 020-b 030-containerd" {
		t.Error(got)
	}
	if got := strings.Join(keepers, " "); got != "030-containerd" {
		t.Errorf("the services: %q", got)
	}
	if _, err := scripts(filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

// A panic is an error, which leads to rescue; in what runs beside, to a line.
func TestPanic(t *testing.T) {
	var console bytes.Buffer
	p := &process{Options: Options{Console: &console}}
	if err := p.guarded(func() error { panic("oh") }); err == nil || !strings.Contains(err.Error(), "panic: oh") || !strings.Contains(err.Error(), "pid1_test.go") {
		t.Error(err)
	}
	if err := p.guarded(func() error { return os.ErrExist }); err != os.ErrExist {
		t.Error(err)
	}
}

// What breaks down beside a life ends it, wherever it waits.
func TestOutcome(t *testing.T) {
	p := &process{broken: make(chan error, 1)}
	forever := make(chan struct{})
	defer close(forever)
	if err := p.outcome(func() error {
		for _, err := range []error{os.ErrInvalid, os.ErrExist, os.ErrClosed} { // none of them waits
			p.breakDown(err)
		}
		<-forever
		return nil
	}); err != os.ErrInvalid {
		t.Error(err)
	}
	calm := &process{broken: make(chan error, 1)}
	if err := calm.outcome(func() error { panic("oh") }); err == nil || !strings.Contains(err.Error(), "panic: oh") {
		t.Error(err)
	}
	if err := calm.outcome(func() error { return nil }); err != nil {
		t.Error(err)
	}
}
