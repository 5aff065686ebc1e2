package box

import (
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// layout is part of every key: a keg that lays boxes out differently makes
// new ones and leaves those of an older keg alone.
const layout = "1"

// cache is the directory of finished roots.
type cache struct {
	dir string
}

// openCache finds the caller's cache directory and makes keg's part of it.
func openCache() (cache, error) {
	base, err := cacheBase(os.Geteuid())
	if err != nil {
		return cache{}, err
	}
	dir := filepath.Join(base, "keg", "boxes")
	// 0700: an unpacked archive may hold setuid programs, which no other user
	// of this machine may reach.
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return cache{}, fmt.Errorf("cache directory: %w (set XDG_CACHE_HOME to a directory of your own)", err)
	}
	if err := private(filepath.Dir(dir)); err != nil {
		return cache{}, err
	}
	return cache{dir}, nil
}

// cacheBase is the user's cache directory, except for a root whose HOME is
// another user's (sudo with HOME kept): that user could swap what root runs.
func cacheBase(uid int) (string, error) {
	base, err := os.UserCacheDir()
	if err != nil {
		return filepath.Join(os.TempDir(), "keg-"+strconv.Itoa(uid)), nil
	}
	if uid == 0 && (foreign(base) || foreign(filepath.Dir(base))) {
		return "/var/cache", nil
	}
	return base, nil
}

// foreign reports whether path exists and is another user's than root.
func foreign(path string) bool {
	fi, err := os.Stat(path)
	return err == nil && fi.Sys().(*syscall.Stat_t).Uid != 0
}

// private refuses a cache that somebody else could write to, as one that was
// prepared for us below a world-writable directory.
func private(dir string) error {
	fi, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	owner := int(fi.Sys().(*syscall.Stat_t).Uid)
	if !fi.IsDir() || owner != os.Geteuid() || fi.Mode().Perm()&0o022 != 0 {
		return fmt.Errorf("cache directory %s: owner %d, mode %v: must be a directory that only uid %d can write to (set XDG_CACHE_HOME)",
			dir, owner, fi.Mode(), os.Geteuid())
	}
	return nil
}

// fileKey names what is made from a file. A changed file has another size,
// time or inode; reading it to be sure would cost more than the run.
func fileKey(kind, path string, fi fs.FileInfo) string {
	st := fi.Sys().(*syscall.Stat_t)
	return textKey(kind, fmt.Sprintf("%s %d %d %d %d", path, st.Dev, st.Ino, st.Size, st.Mtim.Nano()))
}

func textKey(kind, text string) string {
	h := fnv.New128a()
	fmt.Fprintf(h, "%s %s", layout, text)
	return fmt.Sprintf("%s-%x", kind, h.Sum(nil))
}

// has returns the finished root of that key.
func (c cache) has(key string) (path string, ok bool) {
	path = filepath.Join(c.dir, key)
	fi, err := os.Lstat(path)
	return path, err == nil && fi.IsDir()
}

// build returns the root of that key and makes it, if need be, by fill. A root
// appears under its name by rename, whole or not at all. Those who want the
// same one at the same time wait for the first.
func (c cache) build(key string, fill func(dir string) error) (string, error) {
	if path, ok := c.has(key); ok {
		return path, nil
	}
	unlock, err := c.lock(key)
	if err != nil {
		return "", err
	}
	defer unlock()
	path, ok := c.has(key)
	if ok {
		return path, nil
	}
	return path, c.make(path, fill)
}

// make fills a directory beside path and renames it; the caller holds the lock.
func (c cache) make(path string, fill func(dir string) error) error {
	tmp := path + ".part"
	// Whoever made it held the lock and is gone: killed half way.
	if err := removeTree(tmp); err != nil {
		return err
	}
	err := os.Mkdir(tmp, 0o755)
	if err == nil {
		err = fill(tmp)
	}
	if err == nil {
		err = os.Rename(tmp, path)
	}
	if err != nil {
		return errors.Join(err, removeTree(tmp))
	}
	return nil
}

// lock serialises the makers of one key. The kernel drops the lock when its
// holder dies. The file stays: removing it would let two hold "the" lock.
func (c cache) lock(key string) (unlock func(), err error) {
	f, err := os.OpenFile(filepath.Join(c.dir, key+".lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
		if err != syscall.EINTR {
			break
		}
	}
	if err != nil {
		f.Close()
		return nil, &fs.PathError{Op: "flock", Path: f.Name(), Err: err}
	}
	return func() { f.Close() }, nil
}
