package linux

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// What is no regular file is not opened: here a FIFO, whose reader would notice.
func TestOpenRegular(t *testing.T) {
	dir := t.TempDir()
	fifo, link, file := filepath.Join(dir, "fifo"), filepath.Join(dir, "link"), filepath.Join(dir, "file")
	if err := errors.Join(syscall.Mkfifo(fifo, 0o600), os.Symlink("file", link)); err != nil {
		t.Fatal(err)
	}
	opened := make(chan struct{})
	go func() {
		defer close(opened)
		if f, err := os.Open(fifo); err == nil { // as soon as somebody writes there
			f.Close()
		}
	}()
	for path, want := range map[string]string{
		fifo: "not a regular file", link: "too many levels of symbolic links", dir: "is a directory",
		filepath.Join(dir, "none"): "no such file or directory", filepath.Join(file, "x"): "no such file or directory",
	} {
		if f, err := OpenRegular(path, os.O_WRONLY, 0); err == nil || !strings.HasPrefix(err.Error(), "open "+path+": ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, %v; want %s", path, f, err, want)
		}
	}
	select {
	case <-opened:
		t.Error("the FIFO was opened")
	case <-time.After(0):
	}
	w, err := os.OpenFile(fifo, os.O_WRONLY, 0) // lets the reader go
	if err != nil {
		t.Fatal(err)
	}
	w.Close()
	<-opened
	for i, text := range []string{"a", "b"} { // made, and then found
		f, err := OpenRegular(file, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o640)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteString(text); err != nil {
			t.Error(err)
		}
		f.Close()
		got, err := os.ReadFile(file)
		if err != nil || string(got) != "ab"[:i+1] {
			t.Errorf("%q, %v", got, err)
		}
	}
	if st, err := os.Stat(file); err != nil || st.Mode()&0o137 != 0 {
		t.Errorf("%v, %v", st, err)
	}
}
