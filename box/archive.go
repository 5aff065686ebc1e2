package box

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/klauspost/compress/zstd"
)

// archiveRoot returns the unpacked archive, from the cache if it is there.
func archiveRoot(c cache, path string, info os.FileInfo, warn warner) (string, error) {
	return c.build(fileKey("tar", path, info), func(dir string) error {
		return unpack(path, dir, warn)
	})
}

// unpack extracts the archive at path into dir, which is empty.
func unpack(path, dir string, warn warner) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := unpackStream(f, dir, warn); err != nil {
		return fmt.Errorf("archive %s: %w", path, err)
	}
	return nil
}

func unpackStream(r io.Reader, dir string, warn warner) error {
	plain, closeIt, err := decompress(r)
	if err != nil {
		return err
	}
	defer closeIt()
	whole := &tail{r: plain}
	if err := extract(whole, dir, warn); err != nil {
		return err
	}
	// The checksums of gzip and zstd come last: read to the end to have them checked.
	if _, err := io.Copy(io.Discard, whole); err != nil {
		return err
	}
	// Cut between two entries, an archive still reads well. A whole one ends in
	// blocks of zeros.
	if whole.zeros < 512 {
		return fmt.Errorf("truncated: no end-of-archive block: %w", io.ErrUnexpectedEOF)
	}
	return nil
}

// window is the memory that a zstd stream may ask for: what zstd itself allows
// without --long=28 and more.
const window = 128 << 20

// decompress looks at the first bytes, not at the file's name.
func decompress(r io.Reader) (plain io.Reader, closeIt func(), err error) {
	in := bufio.NewReaderSize(r, 64<<10)
	magic, err := in.Peek(6)
	if err != nil && err != io.EOF {
		return nil, nil, err
	}
	switch {
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(in)
		return z, func() {}, err
	case bytes.HasPrefix(magic, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		z, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(window))
		if err != nil {
			return nil, nil, err
		}
		return z, z.Close, nil
	case bytes.HasPrefix(magic, []byte("\xfd7zXZ\x00")):
		return nil, nil, errors.New("compressed with xz: unpack it with xz -dk first (tar, tar.gz and tar.zst are read)")
	case bytes.HasPrefix(magic, []byte("BZh")):
		return nil, nil, errors.New("compressed with bzip2: unpack it with bzip2 -dk first (tar, tar.gz and tar.zst are read)")
	}
	return in, func() {}, nil
}

// tail passes bytes on and counts the zeros at their end.
type tail struct {
	r     io.Reader
	zeros int64
}

func (t *tail) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	rest := len(bytes.TrimRight(p[:n], "\x00"))
	if rest > 0 {
		t.zeros = 0
	}
	t.zeros += int64(n - rest)
	return n, err
}
