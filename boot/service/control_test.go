package service

import (
	"io"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/keg-project/keg/linux"
)

func listen(t *testing.T, answer func(Request) Answer) (runDir string) {
	t.Helper()
	_, runDir = listening(t, answer)
	return runDir
}

func listening(t *testing.T, answer func(Request) Answer) (c *control, runDir string) {
	t.Helper()
	runDir = t.TempDir()
	private := runDir + "/" + privateName
	os.Mkdir(private, 0o700)
	dir, err := os.Open(private)
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	c, err = listenControl(dir, runDir)
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
	return c, runDir
}

// The last thing that a supervisor does is to send its answers.
func TestFlush(t *testing.T) {
	asked, finish := make(chan struct{}), make(chan struct{})
	c, dir := listening(t, func(Request) Answer {
		close(asked)
		<-finish
		return Answer{Error: "not clean"}
	})
	conn, err := linux.DialUnix(dir + "/boot.sock")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write(line(Request{Op: EndOp})); err != nil {
		t.Fatal(err)
	}
	<-asked
	close(finish)
	c.flush()
	text := make([]byte, 100)
	n, _, err := syscall.Recvfrom(int(conn.Fd()), text, syscall.MSG_DONTWAIT)
	if err != nil || string(text[:n]) != `{"error":"not clean"}`+"\n" {
		t.Errorf("%q, %v", text[:max(n, 0)], err)
	}
}

// A connection that ends without an answer is no success, whatever was asked.
func TestAskNobody(t *testing.T) {
	runDir := t.TempDir()
	dir, err := os.Open(runDir)
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	l, err := linux.ListenUnix(dir, "boot.sock", linux.SOCK_STREAM)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for _, answer := range []string{"", `{"servi`} {
			conn, err := linux.Accept(l)
			if err != nil {
				t.Error(err)
				return
			}
			conn.Read(make([]byte, maxRequest))
			io.WriteString(conn, answer)
			conn.Close()
		}
	}()
	for range 2 {
		if a, err := Ask(runDir, Request{Op: EndOp}); err == nil || !strings.Contains(err.Error(), "ended before it answered") {
			t.Error(a, err)
		}
	}
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
		sent := make(chan struct{})
		go func() {
			defer close(sent)
			io.WriteString(s, tt.send)
			syscall.Shutdown(int(s.Fd()), syscall.SHUT_WR)
		}()
		text, _ := io.ReadAll(s) // of too long a request the rest is not taken: ECONNRESET
		<-sent
		s.Close()
		if !strings.Contains(string(text), tt.want) {
			t.Errorf("%.40q: %.200q; want %q", tt.send, text, tt.want)
		}
	}
}
