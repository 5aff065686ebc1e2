package replay

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// descriptors are those that a call has, of the kinds that the engine gave it.
type descriptors struct {
	t     testing.TB
	files map[int]*os.File // what the runtime gets
	ours  map[int]*os.File // where its output is read
}

func newDescriptors(t testing.TB, c Call) *descriptors {
	t.Helper()
	d := &descriptors{t, map[int]*os.File{}, map[int]*os.File{}}
	for _, fd := range c.FDs {
		number, kind, _ := strings.Cut(fd, " ")
		n, err := strconv.Atoi(number)
		if err != nil {
			t.Fatal(err)
		}
		d.files[n], d.ours[n] = d.pair(kind, n == 0)
	}
	for i, kind := range c.More {
		d.files[3+i], d.ours[3+i] = d.pair(kind, false)
	}
	if c.Stdin != "" && c.value("--resources") == "-" {
		if _, err := d.ours[0].WriteString(c.Stdin); err != nil {
			t.Fatal(err)
		}
		if d.ours[0] == d.files[0] {
			d.files[0].Seek(0, 0)
		} else {
			d.ours[0].Close()
		}
	}
	t.Cleanup(d.close)
	return d
}

// pair is a descriptor of a kind, and the other side of it.
func (d *descriptors) pair(kind string, input bool) (theirs, ours *os.File) {
	d.t.Helper()
	var err error
	switch kind {
	case "null":
		theirs, err = os.OpenFile("/dev/null", os.O_RDWR, 0)
		ours = theirs
	case "pipe", "fifo":
		if theirs, ours, err = os.Pipe(); !input {
			theirs, ours = ours, theirs
		}
	case "socket":
		theirs, ours, err = socketPair()
	case "file":
		theirs, err = os.CreateTemp("", "keg-test-fd")
		if err == nil {
			os.Remove(theirs.Name())
		}
		ours = theirs
	default:
		d.t.Fatalf("a descriptor of kind %q", kind)
	}
	if err != nil {
		d.t.Fatal(err)
	}
	return theirs, ours
}

func socketPair() (a, b *os.File, err error) {
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC|syscall.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, nil, err
	}
	return os.NewFile(uintptr(fds[0]), "socket"), os.NewFile(uintptr(fds[1]), "socket"), nil
}

// give puts them where the engine had them.
func (d *descriptors) give(cmd *exec.Cmd) {
	most := 2
	for n := range d.files {
		most = max(most, n)
	}
	// Not cmd.Stdin: with an *os.File exec.Cmd does no more than pass it on.
	cmd.Stdin, cmd.Stdout, cmd.Stderr = file(d.files[0]), file(d.files[1]), file(d.files[2])
	for n := 3; n <= most; n++ {
		cmd.ExtraFiles = append(cmd.ExtraFiles, d.files[n])
	}
}

// file keeps a nil *os.File from becoming an io.Reader that is not nil.
func file(f *os.File) *os.File {
	if f == nil {
		f, _ = os.OpenFile("/dev/null", os.O_RDWR, 0)
	}
	return f
}

// output is what came out at a descriptor.
func (d *descriptors) output(n int) string {
	switch {
	case d.ours[n] == nil:
		return ""
	case d.ours[n] != d.files[n]:
		d.files[n].Close() // ours is not the last to hold the end open
	case filepath.Base(d.ours[n].Name()) == "null":
		return ""
	default:
		d.ours[n].Seek(0, 0)
	}
	return read(d.ours[n])
}

func (d *descriptors) close() {
	for n := range d.files {
		d.files[n].Close()
		d.ours[n].Close()
	}
}
