package service

import (
	"os"
	"strings"
	"testing"

	"github.com/keg-project/keg/linux"
)

func TestParseNotification(t *testing.T) {
	tests := []struct {
		text   string
		ready  bool
		status string // "-" for none
	}{
		{"", false, "-"},
		{"READY=1", true, "-"},
		{"READY=0", false, "-"},
		{"XREADY=1", false, "-"},
		{"STATUS=loading\nREADY=1\nMAINPID=7\n", true, "loading"},
		{"STATUS=", false, ""},
		{"STATUS=\x1b]0;title\x07", false, "?]0;title?"},
		{"STATUS=" + strings.Repeat("ü", 300), false, strings.Repeat("ü", 256) + "…"},
		{"STATUS=\xff\xfe", false, "\uFFFD\uFFFD"},
	}
	for _, tt := range tests {
		n := parseNotification(tt.text)
		got := "-"
		if n.Status != nil {
			got = *n.Status
		}
		if n.Ready != tt.ready || got != tt.status {
			t.Errorf("%q: %v, %q; want %v, %q", tt.text, n.Ready, got, tt.ready, tt.status)
		}
	}
}

// An empty message, which any process of the container can send, is not the
// end; and the socket's path may be longer than an address.
func TestHear(t *testing.T) {
	path := t.TempDir() + "/" + strings.Repeat("d", 200)
	os.Mkdir(path, 0o700)
	dir, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	for range 2 { // the second time there is an old one
		socket, err := listenNotify(dir, "notify")
		if err != nil {
			t.Fatal(err)
		}
		heard, done := make(chan notification, 9), make(chan struct{})
		go func() {
			hear(socket, func(n notification) { heard <- n })
			close(done)
		}()
		s, err := linux.DialUnixDatagram(path + "/notify")
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{"", "READY=1"} {
			if err := linux.Send(int(s.Fd()), []byte(text)); err != nil {
				t.Fatal(err)
			}
		}
		s.Close()
		if n := <-heard; !n.Ready {
			t.Errorf("%+v", n)
		}
		socket.Close()
		<-done
	}
}
