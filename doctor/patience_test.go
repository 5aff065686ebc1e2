package doctor

import (
	"errors"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/keg-project/keg/linux"
)

func TestVersionOf(t *testing.T) {
	script := t.TempDir() + "/engine"
	for text, want := range map[string]string{
		"echo engine v1.2.3": "1.2.3",
		"exit 3":             "unknown version (exit status 3)",
		"exec sleep 1000":    "unknown version (signal: killed)",
		"sleep 1000 & echo $! >$0.pid; echo 1.2; wait": "1.2",
		"echo no number":                       "unknown version",
		`touch "$HOME/a" "$XDG_RUNTIME_DIR/b"`: "unknown version",
		// Podman as an ordinary user
		`case $XDG_RUNTIME_DIR in /proc/*) exit 1;; esac; touch "$HOME/a"; echo 4.3.1`: "4.3.1",
	} {
		if err := os.WriteFile(script, []byte("#!/bin/sh\n"+text+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		patience := time.Minute
		if strings.Contains(text, "sleep") {
			patience = 300 * time.Millisecond
		}
		tmp := t.TempDir()
		t.Setenv("TMPDIR", tmp)
		got := versionOf(script, patience)
		for patience < 10*time.Second && got != want { // it may print late
			patience *= 5
			got = versionOf(script, patience)
		}
		if got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
		if pids, err := os.ReadFile(script + ".pid"); err == nil {
			gone(t, strings.TrimSpace(string(pids)))
		}
		if left, err := os.ReadDir(tmp); err != nil || len(left) > 0 {
			t.Errorf("%s: left %v, %v", text, left, err)
		}
	}
}

// gone waits for the end of a process that was killed.
func gone(t *testing.T, pid string) {
	t.Helper()
	number, err := strconv.Atoi(pid)
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		if p, err := linux.ProcStat(number); err != nil || p.Ended() {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("process %s is left", pid)
		}
	}
}

// A manager that takes connections and says nothing.
func TestSilentManager(t *testing.T) {
	socket := t.TempDir() + "/bus"
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+socket)
	if took, err := ask(true, 50*time.Millisecond); !errors.Is(err, errSlow) || took < 50*time.Millisecond {
		t.Errorf("%v, %v", took, err)
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+socket+"-none")
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	if _, err := ask(true, time.Minute); err == nil || errors.Is(err, errSlow) {
		t.Errorf("without one: %v", err)
	}
}
