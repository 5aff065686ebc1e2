package box

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestMain runs the test program again as one of several keg processes.
func TestMain(m *testing.M) {
	if dir := os.Getenv("BOX_TEST_CACHE"); dir != "" {
		os.Exit(buildOnce(dir))
	}
	if os.Getenv("BOX_TEST_TERMINAL") != "" {
		os.Exit(loseTerminal())
	}
	os.Exit(m.Run())
}

func buildOnce(dir string) int {
	path, err := (cache{dir}).build("k", func(tmp string) error {
		log, err := os.OpenFile(filepath.Join(filepath.Dir(dir), "log"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
		if err != nil {
			return err
		}
		fmt.Fprintln(log, "filled")
		time.Sleep(50 * time.Millisecond) // long enough that the others arrive
		return os.WriteFile(filepath.Join(tmp, "whole"), nil, 0o600)
	})
	if err == nil {
		_, err = os.Stat(filepath.Join(path, "whole"))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// systemBusybox is what the tests that need a real one use.
func systemBusybox(t *testing.T) busybox {
	t.Helper()
	b, err := findBusybox(busyboxCandidates())
	if err != nil {
		if os.Getenv("KEG_MUST_RUN") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	return b
}

func TestPopulate(t *testing.T) {
	b, dir := systemBusybox(t), t.TempDir()
	if err := b.populate(dir); err != nil {
		t.Fatal(err)
	}
	want, _ := os.ReadFile(b.path)
	// Applets lead to the program also from outside the box.
	for _, name := range []string{"bin/sh", "bin/ls", "sbin/init", "usr/bin/env"} {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: not busybox (%v)", name, err)
		}
	}
	for _, name := range []string{"bin", "data", "proc", "dev", "etc", "sys", "tmp", "root", "run", "var"} {
		if fi, err := os.Stat(filepath.Join(dir, name)); err != nil || !fi.IsDir() {
			t.Errorf("%s: %v", name, err)
		}
	}
	if fi, _ := os.Stat(filepath.Join(dir, "tmp")); fi.Mode() != os.ModeDir|os.ModeSticky|0o777 {
		t.Errorf("tmp: %v", fi.Mode())
	}
	if who, err := resolveUser("nobody", dir); err != nil || who.user.UID != 65534 {
		t.Errorf("nobody: %+v, %v", who, err)
	}
}

func TestAppletPaths(t *testing.T) {
	out := "bin/ash\nbin/busybox\nsbin/init\nusr/bin/env\n../evil\nbin/..\netc/passwd\nlinuxrc\n\nbin/a/b\n"
	if got, want := appletPaths([]byte(out), ""), []string{"bin/ash", "sbin/init", "usr/bin/env"}; !slices.Equal(got, want) {
		t.Errorf("full: %q", got)
	}
	if got, want := appletPaths([]byte("[\nash\n"), "bin/"), []string{"bin/[", "bin/ash"}; !slices.Equal(got, want) {
		t.Errorf("names: %q", got)
	}
}

// program writes an ELF file of headers only; with an interpreter if one is named.
func program(t *testing.T, interp string) string {
	t.Helper()
	var b bytes.Buffer
	h := elf.Header64{Type: uint16(elf.ET_EXEC), Machine: uint16(elf.EM_X86_64), Version: 1, Phoff: 64, Ehsize: 64, Phentsize: 56, Phnum: 1}
	copy(h.Ident[:], "\x7fELF\x02\x01\x01")
	p := elf.Prog64{Type: uint32(elf.PT_LOAD)}
	if interp != "" {
		p = elf.Prog64{Type: uint32(elf.PT_INTERP), Off: 120, Filesz: uint64(len(interp) + 1)}
	}
	binary.Write(&b, binary.LittleEndian, h)
	binary.Write(&b, binary.LittleEndian, p)
	b.WriteString(interp + "\x00")
	path := filepath.Join(t.TempDir(), "busybox")
	if err := os.WriteFile(path, b.Bytes(), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestChooseBusybox(t *testing.T) {
	c := cache{t.TempDir()}
	dynamic, static := program(t, "/lib/ld.so"), program(t, "")
	script := filepath.Join(t.TempDir(), "busybox")
	os.WriteFile(script, []byte("#!/bin/sh\n"), 0o755)

	for _, tc := range []struct {
		candidates []string
		want       string
	}{
		{nil, "no busybox found in PATH: install a static busybox (Debian, Ubuntu: apt-get install busybox-static), or name a directory or an archive as ROOT"},
		{[]string{"/nonexistent/busybox", t.TempDir()}, "no busybox found in PATH: "},
		{[]string{dynamic}, "busybox " + dynamic + ": is not static: it needs /lib/ld.so: install a static busybox"},
		{[]string{script}, "busybox " + script + ": not an ELF program: "},
	} {
		_, err := busyboxRoot(c, tc.candidates)
		if err == nil || !strings.HasPrefix(err.Error(), tc.want) {
			t.Errorf("%q: got %v, want %q", tc.candidates, err, tc.want)
		}
	}
	b, cached, err := chooseBusybox(c, []string{dynamic, script, static})
	if err != nil || b.path != static || cached != "" {
		t.Errorf("static one after others: %v, %q, %v", b.path, cached, err)
	}
	if left := names(t, c.dir); len(left) != 0 {
		t.Errorf("left in the cache: %v", left)
	}
}

func TestBoxIsReused(t *testing.T) {
	b, c := systemBusybox(t), cache{t.TempDir()}
	copied := filepath.Join(t.TempDir(), "busybox")
	if err := copyProgram(b.path, copied); err != nil {
		t.Fatal(err)
	}
	first, err := busyboxRoot(c, []string{copied})
	if err != nil {
		t.Fatal(err)
	}
	before, _ := os.Stat(filepath.Join(first, "bin"))
	if again, err := busyboxRoot(c, []string{copied}); err != nil || again != first {
		t.Errorf("again: %s, %v", again, err)
	}
	if after, _ := os.Stat(filepath.Join(first, "bin")); !os.SameFile(before, after) {
		t.Error("built twice")
	}
	os.Chtimes(copied, time.Time{}, time.Now().Add(time.Hour)) // another busybox
	if other, err := busyboxRoot(c, []string{copied}); err != nil || other == first {
		t.Errorf("changed busybox: %s, %v", other, err)
	}
}

func TestConcurrentBuilds(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "boxes")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	var kegs []*exec.Cmd
	for range 4 {
		cmd := exec.Command("/proc/self/exe")
		cmd.Env = append(os.Environ(), "BOX_TEST_CACHE="+dir)
		cmd.Stderr = os.Stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		kegs = append(kegs, cmd)
	}
	for _, k := range kegs {
		if err := k.Wait(); err != nil {
			t.Error(err)
		}
	}
	log, _ := os.ReadFile(filepath.Join(filepath.Dir(dir), "log"))
	if string(log) != "filled\n" {
		t.Errorf("filled %d times, want once", bytes.Count(log, []byte("\n")))
	}
	if got := names(t, dir); !slices.Equal(got, []string{"k", "k.lock"}) {
		t.Errorf("cache holds %v", got)
	}
}
