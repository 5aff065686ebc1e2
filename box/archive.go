package box

import (
	"bytes"
	"fmt"
	"io"
	"os"
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
	plain, end, err := decompress(r)
	if err != nil {
		return err
	}
	defer end()
	whole := &tail{r: plain}
	if err := extract(whole, dir, warn); err != nil {
		return err
	}
	// The checksum of a compressed stream comes last: read to the end to have them checked.
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
