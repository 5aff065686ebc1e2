package box

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// compressed runs data through a program, which must be there.
func compressed(t *testing.T, program string, data []byte) []byte {
	t.Helper()
	cmd := exec.Command(program, "-c")
	cmd.Stdin = bytes.NewReader(data)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v (test/setup installs it)", program, err)
	}
	return out
}

func TestEveryCompression(t *testing.T) {
	plain := pack(t, member{name: "a", body: "text"})
	for _, d := range decompressors {
		dir := t.TempDir()
		if err := unpackStream(bytes.NewReader(compressed(t, d.program, plain)), dir, nil); err != nil {
			t.Errorf("%s: %v", d.program, err)
		}
		if got, _ := os.ReadFile(filepath.Join(dir, "a")); string(got) != "text" {
			t.Errorf("%s: got %q", d.program, got)
		}
	}
}

func TestDecompressorIsNotInstalled(t *testing.T) {
	for _, d := range decompressors {
		t.Setenv("PATH", t.TempDir())
		err := unpackStream(strings.NewReader(d.magic+"rest"), t.TempDir(), nil)
		if err == nil || !strings.Contains(err.Error(), "apt-get install "+d.debian) {
			t.Errorf("%s: got %v", d.program, err)
		}
	}
}

// What is wrong with the stream is said in the program's words. A damaged
// checksum is found when all entries have been read.
func TestDamagedStream(t *testing.T) {
	plain := pack(t, member{name: "a", body: "x"})
	for program, checksum := range map[string]int{"gzip": 8, "zstd": 1} {
		archive := compressed(t, program, plain)
		archive[len(archive)-checksum] ^= 1
		err := unpackStream(bytes.NewReader(archive), t.TempDir(), nil)
		if err == nil || !strings.Contains(err.Error(), program+": exit status 1: ") {
			t.Errorf("%s: got %v", program, err)
		}
	}
}

// Who stops reading half way leaves no child behind, even one that is still
// being fed.
func TestDecompressorIsReaped(t *testing.T) {
	in, end, err := decompress(&endless{compressed(t, "zstd", make([]byte, 1<<20)), 0})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(in, make([]byte, 4096)); err != nil {
		t.Fatal(err)
	}
	end()
	if in.(*filter).child.ProcessState == nil {
		t.Error("the child was not waited for")
	}
}

// endless is the same stream over and over.
type endless struct {
	data []byte
	at   int
}

func (e *endless) Read(p []byte) (int, error) {
	n := copy(p, e.data[e.at:])
	e.at = (e.at + n) % len(e.data)
	return n, nil
}
