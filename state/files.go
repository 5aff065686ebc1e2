package state

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"syscall"

	"github.com/keg-project/keg/linux"
)

// Write replaces state.json. A reader sees the old one or the new one, whole.
// There is no fsync: after a crash of the machine there is no container, so a
// file that is lost or torn then describes nothing.
func (d *Dir) Write(s State) error {
	if err := s.check(); err != nil {
		return err
	}
	return d.replace(stateFile, s.encode())
}

// Read reads state.json. ErrNotExist: there is none, since keg was killed
// while it made or removed the container.
func (d *Dir) Read() (State, error) {
	data, err := d.read(stateFile)
	if errors.Is(err, syscall.ENOENT) {
		name := strconv.Quote(d.id)
		return State{}, &idError{"container " + name + " does not exist (keg was killed while making or removing it; " +
			"clear the rest away: keg delete -f " + d.id + ")", ErrNotExist}
	}
	if err != nil {
		return State{}, err
	}
	s, err := decode(data)
	if err == nil && s.ID != d.id {
		err = fmt.Errorf("id %q", s.ID)
	}
	if err != nil {
		return State{}, fmt.Errorf("%s is damaged: %w (remove the container: keg delete -f %s)", d.Path(stateFile), err, d.id)
	}
	return s, nil
}

// WriteConfig keeps config.json as it is at create.
func (d *Dir) WriteConfig(config []byte) error { return d.replace(configFile, config) }

// Config returns what WriteConfig kept. ErrNotExist: the container was removed
// meanwhile, its state.json first.
func (d *Dir) Config() ([]byte, error) {
	config, err := d.read(configFile)
	if errors.Is(err, syscall.ENOENT) {
		if _, gone := d.read(stateFile); errors.Is(gone, syscall.ENOENT) {
			return nil, notExist(d.id)
		}
	}
	return config, err
}

// MakeFIFO makes a FIFO that only the caller's user may open.
func (d *Dir) MakeFIFO(name string) error { return linux.Mkfifoat(d.file, name, 0o600) }

// Unlink removes a file; that there is none is fine.
func (d *Dir) Unlink(name string) error {
	if err := syscall.Unlinkat(d.fd(), name); err != nil && err != syscall.ENOENT {
		return d.pathError("unlink", name, err)
	}
	return nil
}

// replace writes a file under another name and renames it. Only the holder of
// the lock writes, so one name does, and a rest of it is overwritten.
func (d *Dir) replace(name string, data []byte) error {
	temp := name + ".new"
	err := d.write(temp, name, data)
	if err == nil {
		if err = syscall.Renameat(d.fd(), temp, d.fd(), name); err == nil {
			return nil
		}
		err = d.pathError("rename", name, err)
	}
	syscall.Unlinkat(d.fd(), temp)
	return err
}

func (d *Dir) write(temp, name string, data []byte) error {
	const flags = syscall.O_WRONLY | syscall.O_CREAT | syscall.O_TRUNC | syscall.O_NOFOLLOW | syscall.O_CLOEXEC
	fd, err := syscall.Openat(d.fd(), temp, flags, 0o600)
	if err != nil {
		return d.pathError("create", name, err)
	}
	for err == nil && len(data) > 0 {
		var n int
		n, err = syscall.Write(fd, data)
		if err == syscall.EINTR {
			n, err = 0, nil
		}
		data = data[max(n, 0):]
	}
	if cerr := syscall.Close(fd); err == nil {
		err = cerr // NFS reports a full disk here
	}
	return d.pathError("write", name, err)
}

func (d *Dir) read(name string) ([]byte, error) {
	const flags = syscall.O_RDONLY | syscall.O_NOFOLLOW | syscall.O_CLOEXEC | syscall.O_NONBLOCK
	fd, err := syscall.Openat(d.fd(), name, flags, 0)
	if err != nil {
		return nil, d.pathError("open", name, err)
	}
	defer syscall.Close(fd)
	var st syscall.Stat_t
	if err := syscall.Fstat(fd, &st); err != nil {
		return nil, d.pathError("fstat", name, err)
	}
	buf := make([]byte, 0, st.Size+1) // one more: the read that fills less has seen the end
	for {
		n, err := syscall.Read(fd, buf[len(buf):cap(buf)])
		switch {
		case err == syscall.EINTR:
			continue
		case err != nil:
			return nil, d.pathError("read", name, err)
		}
		if buf = buf[:len(buf)+n]; n == 0 || len(buf) < cap(buf) {
			return buf, nil
		}
		buf = append(buf, make([]byte, len(buf))...)[:len(buf)]
	}
}

func (d *Dir) pathError(op, name string, err error) error {
	if err == nil {
		return nil
	}
	return &os.PathError{Op: op, Path: d.Path(name), Err: err}
}
