package container

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/keg-project/keg/criu"
	"github.com/keg-project/keg/jsonscan"
	"github.com/keg-project/keg/linux"
)

// descriptorsFile says in the images' directory what standard input, output and
// error were: a JSON array whose first three names are runc's. A pipe ends
// outside of the container, and is replaced at restore by what keg has then. So
// is what CRIU calls a file[MOUNT:INODE], which follows behind them as
// "N:file[…]": one that lies in no mount of the container's.
const descriptorsFile = "descriptors.json"

// stream is one of the init's standard streams.
type stream struct {
	name string // of a pipe, or /dev/null; "" for what is the container's own
	key  string // by which CRIU is told that it is not the container's; "" for a pipe
}

func (d *dump) streams(table []linux.Mount) (list [3]stream, err error) {
	for fd := range list {
		dir := "/proc/" + strconv.Itoa(d.state.Pid)
		name, err := os.Readlink(dir + "/fd/" + strconv.Itoa(fd))
		if errors.Is(err, os.ErrNotExist) {
			continue // closed
		}
		if err != nil {
			return list, err
		}
		if strings.HasPrefix(name, "pipe:[") {
			list[fd].name = name
			continue
		}
		if list[fd].key, err = outside(dir, fd, table); err != nil {
			return list, err
		}
		if name == os.DevNull {
			list[fd].name = name
		}
	}
	return list, nil
}

// outside is CRIU's name for a file that lies in no mount of the container's.
func outside(dir string, fd int, table []linux.Mount) (string, error) {
	number := strconv.Itoa(fd)
	info, err := os.ReadFile(dir + "/fdinfo/" + number)
	if err != nil {
		return "", err
	}
	_, rest, _ := strings.Cut(string(info), "mnt_id:")
	rest, _, _ = strings.Cut(rest, "\n")
	id, err := strconv.Atoi(strings.TrimSpace(rest))
	if err != nil || slices.ContainsFunc(table, func(m linux.Mount) bool { return m.ID == id }) {
		return "", err
	}
	var st syscall.Stat_t
	if err := syscall.Stat(dir+"/fd/"+number, &st); err != nil {
		return "", &os.PathError{Op: "stat", Path: dir + "/fd/" + number, Err: err}
	}
	switch st.Mode & syscall.S_IFMT {
	case syscall.S_IFREG, syscall.S_IFCHR:
		return fmt.Sprintf("file[%x:%x]", id, st.Ino), nil
	}
	return "", nil // CRIU has other ways for sockets
}

// describeStreams tells CRIU which of them are not the container's, and keeps
// that for restore.
func (d *dump) describeStreams(table []linux.Mount) error {
	list, err := d.streams(table)
	if err != nil {
		return err
	}
	var names []string
	for _, s := range list {
		names = append(names, s.name)
	}
	for fd, s := range list {
		if s.key != "" && !slices.Contains(d.criu.External, s.key) {
			d.criu.External = append(d.criu.External, s.key)
			names = append(names, strconv.Itoa(fd)+":"+s.key)
		}
	}
	// No name has a character that JSON would have to escape.
	d.descriptors = `["` + strings.Join(names, `","`) + `"]`
	return nil
}

func (d *dump) writeDescriptors() error {
	// By the directory itself: its path may lead elsewhere by now, and a link be there.
	const mode = linux.O_WRONLY | linux.O_CREAT | linux.O_TRUNC
	f, err := linux.OpenBeneath(d.images.dir, descriptorsFile, mode)
	if err != nil {
		return fmt.Errorf("%s/%s: %w", d.images.dir.Name(), descriptorsFile, err)
	}
	_, err = f.WriteString(d.descriptors)
	return errors.Join(err, f.Close())
}

// inheritStreams has CRIU give the processes keg's own streams in place of those
// that were not the container's. Images without the file had none.
func inheritStreams(c *criu.Options) error {
	path := filepath.Join(c.Images.Name(), descriptorsFile)
	text, err := readSmall(c.Images, descriptorsFile)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	var names []string
	s := jsonscan.New(text)
	jsonscan.Slice(s, &names, jsonscan.String)
	if wrong, err := s.Close(); err != nil || len(wrong) > 0 || len(names) < 3 {
		return fmt.Errorf("%s: not a list of three files", path)
	}
	for fd, name := range names {
		if fd > 2 {
			err = inheritFile(c, name, names)
		} else if strings.HasPrefix(name, "pipe:[") {
			err = inheritStream(c, name, fd)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	return nil
}

// readSmall reads a file that others may have put there: a FIFO would never
// answer, and a device never end.
func readSmall(dir *os.File, name string) ([]byte, error) {
	const most = 64 << 10
	f, err := linux.OpenBeneath(dir, name, linux.O_RDONLY|linux.O_NONBLOCK)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err == nil && (!info.Mode().IsRegular() || info.Size() > most) {
		err = errors.New("not a list of three files")
	}
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(f, most))
}

// inheritFile reads "N:file[…]". The null device is one whatever keg has there,
// and may be both read and written under the one name.
func inheritFile(c *criu.Options, name string, names []string) error {
	number, key, _ := strings.Cut(name, ":")
	fd, err := strconv.Atoi(number)
	if err != nil || fd < 0 || fd > 2 || !strings.HasPrefix(key, "file[") {
		return fmt.Errorf("%q is no file of a standard stream", name)
	}
	if names[fd] != os.DevNull {
		return inheritStream(c, key, fd)
	}
	f, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	c.Inherit = append(c.Inherit, criu.Inherited{Key: key, File: f})
	return nil
}

func inheritStream(c *criu.Options, key string, fd int) error {
	if slices.ContainsFunc(c.Inherit, func(i criu.Inherited) bool { return i.Key == key }) {
		return nil // standard output and error are one
	}
	f, err := linux.Dup(fd)
	if err != nil {
		return err
	}
	c.Inherit = append(c.Inherit, criu.Inherited{Key: key, File: f})
	return nil
}
