package box

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os/exec"
	"strings"
)

// decompressors are the programs that read compressed archives, as tar(1) has
// it. The decoders that Go programs link prepare tables whenever the program
// starts: half a millisecond of every container's start, for the few that read
// an archive.
var decompressors = [...]struct {
	magic   string // the stream's first bytes: a file's name may be anything
	program string
	debian  string // the package that brings it
}{
	{"\x1f\x8b", "gzip", "gzip"},
	{"\x28\xb5\x2f\xfd", "zstd", "zstd"},
	{"\xfd7zXZ\x00", "xz", "xz-utils"},
	{"BZh", "bzip2", "bzip2"},
}

// decompress returns what the stream holds, and a function that ends the
// reading.
func decompress(r io.Reader) (plain io.Reader, end func(), err error) {
	in := bufio.NewReaderSize(r, 64<<10)
	head, err := in.Peek(6)
	if err != nil && err != io.EOF {
		return nil, nil, err
	}
	for _, d := range decompressors {
		if strings.HasPrefix(string(head), d.magic) {
			f, err := openFilter(d.program, d.debian, in)
			if err != nil {
				return nil, nil, err
			}
			return f, f.close, nil
		}
	}
	return in, func() {}, nil
}

// filter is a stream that a child decompresses.
type filter struct {
	child *exec.Cmd
	out   io.Reader
	said  bytes.Buffer
	ended bool
}

func openFilter(program, debian string, in io.Reader) (*filter, error) {
	path, err := exec.LookPath(program)
	if err != nil {
		return nil, fmt.Errorf("compressed with %s, which is not installed (Debian, Ubuntu: apt-get install %s)", program, debian)
	}
	f := &filter{child: exec.Command(path, "-dc")}
	f.child.Env = []string{} // no options of the caller's: GZIP, XZ_OPT, ZSTD_NBTHREADS
	f.child.Stdin, f.child.Stderr = in, &f.said
	if f.out, err = f.child.StdoutPipe(); err != nil {
		return nil, err
	}
	return f, f.child.Start()
}

// Read reports at the end what the child found wrong with the stream.
func (f *filter) Read(p []byte) (int, error) {
	n, err := f.out.Read(p)
	if err == io.EOF && !f.ended {
		f.ended = true
		if failed := f.child.Wait(); failed != nil {
			return n, fmt.Errorf("%s: %w: %s", f.child.Path, failed, bytes.TrimSpace(f.said.Bytes()))
		}
	}
	return n, err
}

// close ends a child whose output nobody wants any more.
func (f *filter) close() {
	if !f.ended {
		f.ended = true
		f.child.Process.Kill()
		f.child.Wait()
	}
}
