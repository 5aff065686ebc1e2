package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// defaultRoot is /run/keg for root, and otherwise below the directory that
// belongs to the user's login: $XDG_RUNTIME_DIR, /run/user/UID where a login
// without PAM did not set it, /tmp/keg-UID where there is neither.
func defaultRoot() (string, error) {
	if dir, fixed := namedRoot(); fixed {
		return dir, nil
	}
	return userRoot(os.Geteuid(), "/run/user", "/tmp")
}

// likelyRoot is defaultRoot for who only looks: it makes nothing.
func likelyRoot() string {
	if dir, fixed := namedRoot(); fixed {
		return dir
	}
	dir, _ := userPlace(os.Geteuid(), "/run/user", "/tmp")
	return dir
}

// namedRoot is the root that does not depend on which directories there are.
func namedRoot() (dir string, ok bool) {
	uid := os.Geteuid()
	xdg := os.Getenv("XDG_RUNTIME_DIR")
	switch {
	case uid == 0 && !mappedRoot(xdg):
		return "/run/keg", true
	case filepath.IsAbs(xdg):
		return filepath.Join(xdg, "keg"), true
	}
	return "/run/keg", uid == 0
}

// mappedRoot tells whether uid 0 is an ordinary user's, inside a user
// namespace: Podman runs its runtime so. A container engine as such a
// namespace's root user sets USER=root and means /run.
func mappedRoot(xdg string) bool {
	if xdg == "" || os.Getenv("USER") == "root" {
		return false
	}
	uidMap, err := os.ReadFile("/proc/self/uid_map")
	return err == nil && !initialMap(uidMap)
}

// initialMap recognises the uid_map of the initial user namespace.
func initialMap(uidMap []byte) bool {
	return strings.Join(strings.Fields(string(bytes.TrimSpace(uidMap))), " ") == "0 0 4294967295"
}

// userPlace is where an ordinary user's root is; shared: in a directory where
// others may have made it.
func userPlace(uid int, runUser, tmp string) (dir string, shared bool) {
	login := filepath.Join(runUser, strconv.Itoa(uid))
	if ownedDir(login, uid) == nil {
		return filepath.Join(login, "keg"), false
	}
	return filepath.Join(tmp, "keg-"+strconv.Itoa(uid)), true
}

func userRoot(uid int, runUser, tmp string) (string, error) {
	dir, shared := userPlace(uid, runUser, tmp)
	if !shared {
		return dir, nil
	}
	err := os.Mkdir(dir, 0o700)
	if err == nil || os.IsExist(err) {
		err = ownedDir(dir, uid)
	}
	if err != nil {
		return "", fmt.Errorf("no directory for the state: XDG_RUNTIME_DIR is not set, and %w; name one with --root", err)
	}
	return dir, nil
}

// ownedDir makes sure that nobody else can put files into dir. The name in
// /tmp is predictable: another user may have made it first, or a symlink.
func ownedDir(dir string, uid int) error {
	var st syscall.Stat_t
	if err := syscall.Lstat(dir, &st); err != nil {
		return &os.PathError{Op: "lstat", Path: dir, Err: err}
	}
	switch {
	case st.Mode&syscall.S_IFMT != syscall.S_IFDIR:
		return fmt.Errorf("%s is not a directory", dir)
	case int(st.Uid) != uid:
		return fmt.Errorf("%s belongs to user %d", dir, st.Uid)
	case st.Mode&0o022 != 0:
		return fmt.Errorf("%s can be written by others", dir)
	}
	return nil
}
