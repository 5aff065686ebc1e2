package service

import (
	"os"
	"strings"
	"syscall"
	"testing"
)

func TestLastLines(t *testing.T) {
	tests := []struct {
		text string
		n    int
		want string
	}{
		{"", 3, ""}, {"a\nb\nc\n", 2, "b\nc\n"}, {"a\nb\nc", 2, "b\nc"}, {"a\nb\n", 5, "a\nb\n"},
		{"a\n", 0, ""}, {"a", 0, ""}, {"\n\n\n", 2, "\n\n"}, {"a\nb\nc\n", 1, "c\n"},
	}
	for _, tt := range tests {
		if got := string(lastLines([]byte(tt.text), tt.n)); got != tt.want {
			t.Errorf("%q, %d: %q; want %q", tt.text, tt.n, got, tt.want)
		}
	}
}

// A reader misses nothing and sees nothing twice, however often the log is
// rotated between two looks, as long as its files are kept.
func TestTail(t *testing.T) {
	dir := t.TempDir()
	fifo, path := dir+"/fifo", dir+"/x.log"
	if err := makeFIFO(fifo); err != nil {
		t.Fatal(err)
	}
	log, err := openLog(path, 10, 100)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	f, err := openFIFO(fifo, syscall.O_RDWR|syscall.O_NONBLOCK)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	write := func(text string) {
		t.Helper()
		f.WriteString(text)
		raw, _ := f.SyscallConn()
		raw.Control(func(fd uintptr) {
			for err == nil {
				err = log.take(int(fd))
			}
		})
		if err != syscall.EAGAIN && !strings.Contains(err.Error(), "unavailable") {
			t.Fatal(err)
		}
		err = nil
	}
	write("old 1\n")
	write("old 2\n")
	write("old 3\n")
	tail, text, err := NewTail(path, 2)
	if err != nil || string(text) != "old 2\nold 3\n" {
		t.Fatalf("%q, %v", text, err)
	}
	for _, rounds := range []int{0, 1, 3, 20} {
		want := strings.Repeat("some more\n", rounds)
		for range rounds {
			write("some more\n")
		}
		if text, err := tail.Read(); err != nil || string(text) != want {
			t.Errorf("after %d: %q, %v", rounds, text, err)
		}
	}
	os.Truncate(path, 0)
	if text, err := tail.Read(); err != nil || len(text) != 0 {
		t.Errorf("truncated: %q, %v", text, err)
	}
}

func TestTailOfNothing(t *testing.T) {
	tail, text, err := NewTail(t.TempDir()+"/x.log", 5)
	if err != nil || len(text) != 0 {
		t.Fatal(text, err)
	}
	os.WriteFile(tail.path, []byte("first\n"), 0o600)
	if text, err := tail.Read(); err != nil || string(text) != "first\n" {
		t.Errorf("%q, %v", text, err)
	}
}

// openedFIFO has somebody who writes, so that no reader waits for one.
func openedFIFO(t *testing.T, path string) error {
	if err := makeFIFO(path); err != nil {
		return err
	}
	f, err := openFIFO(path, syscall.O_RDWR)
	if err == nil {
		t.Cleanup(func() { f.Close() })
	}
	return err
}

// A container that has the directory cannot have the reader wait for it, nor
// read elsewhere.
func TestTailOfOthers(t *testing.T) {
	others := map[string]func(path string) error{
		"not a regular file":               func(path string) error { return openedFIFO(t, path) },
		"too many levels of symbolic link": func(path string) error { return os.Symlink("/proc/version", path) },
	}
	for want, put := range others {
		for _, name := range []string{"x.log", "x.log.1"} {
			dir := t.TempDir()
			if err := put(dir + "/" + name); err != nil {
				t.Fatal(err)
			}
			_, text, err := NewTail(dir+"/x.log", -1)
			if err == nil || !strings.Contains(err.Error(), name+": "+want) || len(text) > 0 {
				t.Errorf("%s: %q, %v", name, text, err)
			}
		}
	}
}
