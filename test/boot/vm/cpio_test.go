package vm

import (
	"bytes"
	"fmt"
	"os"
	"path"
	"strings"
	"testing"
)

// initramfs is an archive as the kernel unpacks it: cpio's format newc.
// Documentation/driver-api/early-userspace/buffer-format.rst
type initramfs struct {
	bytes.Buffer
	made  map[string]bool
	inode int
}

const (
	typeFile, typeDir, typeLink, typeChar = 0o100000, 0o040000, 0o120000, 0o020000
)

func (a *initramfs) entry(name string, mode, major, minor int, data []byte) {
	name = strings.TrimPrefix(name, "/")
	if dir := path.Dir(name); dir != "." && !a.made[dir] {
		a.dir(dir, 0o755)
	}
	a.inode++
	fmt.Fprintf(a, "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X", a.inode, mode, 0, 0, 1, 0, len(data), 0, 0, major, minor, len(name)+1, 0)
	a.WriteString(name + "\x00")
	a.pad()
	a.Write(data)
	a.pad()
}

func (a *initramfs) pad() {
	for a.Len()%4 != 0 {
		a.WriteByte(0)
	}
}

func (a *initramfs) dir(name string, mode int) {
	if a.made == nil {
		a.made = map[string]bool{}
	}
	name = strings.TrimPrefix(name, "/")
	if !a.made[name] {
		a.made[name] = true
		a.entry(name, typeDir|mode, 0, 0, nil)
	}
}

func (a *initramfs) file(name string, mode int, data []byte) {
	a.entry(name, typeFile|mode, 0, 0, data)
}

func (a *initramfs) script(name, text string) { a.file(name, 0o755, []byte("#!/bin/sh\n"+text)) }

func (a *initramfs) link(name, target string) { a.entry(name, typeLink|0o777, 0, 0, []byte(target)) }

func (a *initramfs) write(t *testing.T, name string) {
	t.Helper()
	a.entry("TRAILER!!!", 0, 0, 0, nil)
	if err := os.WriteFile(name, a.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}
