package box

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// passwdEntry is a line of etc/passwd, or, without home, of etc/group.
type passwdEntry struct {
	name    string
	id, gid uint32
	home    string
	members []string
}

func byID(id uint32) func(passwdEntry) bool {
	return func(e passwdEntry) bool { return e.id == id }
}

func byName(name string) func(passwdEntry) bool {
	return func(e passwdEntry) bool { return e.name == name }
}

// findPasswd returns the first entry of passwd(5) that matches. Lines that are
// not well-formed belong to nobody.
func findPasswd(data []byte, match func(passwdEntry) bool) (passwdEntry, bool) {
	for line := range bytes.Lines(data) {
		f := strings.Split(strings.TrimRight(string(line), "\n"), ":")
		if len(f) < 6 || f[0] == "" {
			continue
		}
		uid, errU := parseID(f[2])
		gid, errG := parseID(f[3])
		e := passwdEntry{name: f[0], id: uid, gid: gid, home: f[5]}
		if errU == nil && errG == nil && match(e) {
			return e, true
		}
	}
	return passwdEntry{}, false
}

// groups returns the entries of group(5) that match.
func groups(data []byte, match func(passwdEntry) bool) []passwdEntry {
	var found []passwdEntry
	for line := range bytes.Lines(data) {
		f := strings.Split(strings.TrimRight(string(line), "\n"), ":")
		if len(f) < 4 || f[0] == "" {
			continue
		}
		gid, err := parseID(f[2])
		e := passwdEntry{name: f[0], id: gid, members: strings.Split(f[3], ",")}
		if err == nil && match(e) {
			found = append(found, e)
		}
	}
	return found
}

// parseID takes digits only: no sign, no blank, not the id that means "none".
func parseID(s string) (uint32, error) {
	id, err := strconv.ParseUint(s, 10, 32)
	if err != nil || s[0] == '+' || id == 1<<32-1 {
		return 0, fmt.Errorf("%q is not an id (0 to 4294967294)", s)
	}
	return uint32(id), nil
}

// maxNames is the size up to which a root's passwd file is read.
const maxNames = 8 << 20

// readNames reads a file of a root, whose symlinks must stay inside it. A FIFO
// in its place does not block.
func readNames(dir, name string) ([]byte, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	f, err := root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if fi, err := f.Stat(); err != nil || !fi.Mode().IsRegular() {
		return nil, fmt.Errorf("%s in %s: not a regular file", name, dir)
	}
	return io.ReadAll(io.LimitReader(f, maxNames))
}
