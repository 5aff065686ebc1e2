package state

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// ErrLocked: another keg works on the container and did not finish in time.
var ErrLocked = errors.New("container is in use by another keg")

// Lock takes the container's lock, and waits for it as long as timeout says.
// ErrNotExist: the container was removed meanwhile.
func (d *Dir) Lock(timeout time.Duration) error {
	deadline := time.Now().Add(timeout)
	for step := 100 * time.Microsecond; ; step = min(step*2, 10*time.Millisecond) {
		switch err := syscall.Flock(d.fd(), syscall.LOCK_EX|syscall.LOCK_NB); err {
		case nil:
			d.locked = true
			return d.checkCurrent()
		case syscall.EINTR:
			continue
		case syscall.EWOULDBLOCK:
		default:
			return &os.PathError{Op: "flock", Path: d.Path(""), Err: err}
		}
		if !time.Now().Before(deadline) {
			return fmt.Errorf("%q: %w%s", d.id, ErrLocked, d.holder())
		}
		time.Sleep(step)
	}
}

// Unlock gives the lock up and keeps the directory open, for a later Lock.
func (d *Dir) Unlock() error {
	d.locked = false
	return os.NewSyscallError("flock", syscall.Flock(d.fd(), syscall.LOCK_UN))
}

// Locked tells whether another keg is at work on the container.
func (d *Dir) Locked() bool {
	if d.locked {
		return false
	}
	if syscall.Flock(d.fd(), syscall.LOCK_SH|syscall.LOCK_NB) == syscall.EWOULDBLOCK {
		return true
	}
	syscall.Flock(d.fd(), syscall.LOCK_UN)
	return false
}

// checkCurrent makes sure that the locked directory is still the one of its
// name. Between open and lock another keg may have removed it, and a third
// may have made a new one.
func (d *Dir) checkCurrent() error {
	var mine, named syscall.Stat_t
	if err := syscall.Fstat(d.fd(), &mine); err != nil {
		return &os.PathError{Op: "fstat", Path: d.Path(""), Err: err}
	}
	err := syscall.Lstat(d.Path(""), &named)
	if err == syscall.ENOENT || err == nil && (mine.Dev != named.Dev || mine.Ino != named.Ino) {
		return notExist(d.id)
	}
	if err != nil {
		return &os.PathError{Op: "lstat", Path: d.Path(""), Err: err}
	}
	return nil
}

// holder finds who has the lock, for the message. proc_locks(5):
// "1: FLOCK ADVISORY WRITE 708 00:1c:4711 0 EOF".
func (d *Dir) holder() string {
	var st syscall.Stat_t
	table, err := os.ReadFile("/proc/locks")
	if err != nil || syscall.Fstat(d.fd(), &st) != nil {
		return ""
	}
	inode := ":" + strconv.FormatUint(st.Ino, 10)
	for line := range strings.Lines(string(table)) {
		f := strings.Fields(line)
		if len(f) > 5 && f[1] == "FLOCK" && strings.HasSuffix(f[5], inode) {
			return " (process " + f[4] + ")"
		}
	}
	return ""
}
