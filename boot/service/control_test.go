package service

import (
	"io"
	"os"
	"strings"
	"testing"

	"github.com/keg-project/keg/linux"
)

func listen(t *testing.T, answer func(Request) Answer) (runDir string) {
	t.Helper()
	runDir = t.TempDir()
	private := runDir + "/" + privateName
	os.Mkdir(private, 0o700)
	dir, err := os.Open(private)
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	c, err := listenControl(dir, runDir)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		c.serve(answer, func(err error) { t.Error(err) })
		close(done)
	}()
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		<-done
	})
	return runDir
}

func TestAsk(t *testing.T) {
	dir := listen(t, func(r Request) Answer {
		if r.Name == "bad" {
			return Answer{Error: "no"}
		}
		return Answer{Services: []Status{{Name: r.Name, State: Running}}}
	})
	a, err := Ask(dir, Request{Op: StopOp, Name: "x"})
	if err != nil || len(a.Services) != 1 || a.Services[0].Name != "x" {
		t.Error(a, err)
	}
	if _, err := Ask(dir, Request{Op: StopOp, Name: "bad"}); err == nil || err.Error() != "no" {
		t.Error(err)
	}
	if _, err := Ask(t.TempDir(), Request{Op: StatusOp}); err == nil || !strings.Contains(err.Error(), "no supervisor") {
		t.Error(err)
	}
	st, err := os.Stat(dir + "/boot.sock")
	if err != nil || st.Mode() != os.ModeSocket|0o600 {
		t.Error(st.Mode(), err)
	}
}

// What clients send is answered or ends their connection, and nobody else's.
func TestConverse(t *testing.T) {
	dir := listen(t, func(r Request) Answer { return Answer{Services: []Status{{Name: r.Name}}} })
	tests := []struct{ send, want string }{
		{`{"op":"status","name":"a"}` + "\n" + `{"op":"status","name":"b"}` + "\n", `"name":"b"`},
		{`{"op":"status","name":"unended"}`, `"name":"unended"`},
		{"\n" + `{"op":"status","name":"after a bad one"}` + "\n", `"name":"after a bad one"`},
		{"nonsense\n", `{"error":"the request is not understood: invalid character`},
		{strings.Repeat("x", 10*maxRequest), `{"error":"the request is longer than 4096 bytes"}`},
		{"\x00\xff\n", "not understood"},
	}
	for _, tt := range tests {
		s, err := linux.DialUnix(dir + "/boot.sock")
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			io.WriteString(s, tt.send)
			linux.ShutdownWrite(s)
		}()
		text, _ := io.ReadAll(s) // of too long a request the rest is not taken: ECONNRESET
		s.Close()
		if !strings.Contains(string(text), tt.want) {
			t.Errorf("%.40q: %.200q; want %q", tt.send, text, tt.want)
		}
	}
}
