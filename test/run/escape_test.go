package run

import (
	"encoding/binary"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

// What an image brings does not act on the terminal of who reads keg's errors,
// nor does it look like a line of keg's.
func TestErrorsHaveNoEscapes(t *testing.T) {
	const evil = "/\x1b]0;evil\a\x9b31m\rkeg: fine"
	b := kegtest.NewBundle(t, "/bin/program")
	b.Spec.Linux.Resources = nil
	b.Write()
	for name, text := range map[string]string{
		"interpreter": "#!" + evil + "\n",
		"ELF loader":  elf(evil + "\nkeg: fine"),
	} {
		if err := os.WriteFile(b.Dir+"/rootfs/bin/program", []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
		r := b.Keg("run", "--bundle", b.Dir, b.ID())
		if r.Code == 0 || !strings.Contains(r.Stderr, "evil") {
			t.Errorf("%s: exit status %d, %q", name, r.Code, r.Stderr)
		}
		if strings.Contains(r.Stderr, "\nkeg: fine") || strings.ContainsAny(r.Stderr, "\x1b\a\r") || strings.Contains(r.Stderr, "\x9b") {
			t.Errorf("%s: the error has escapes: %q", name, r.Stderr)
		}
	}
}

// elf is a program whose loader is not there. elf(5)
func elf(loader string) string {
	e := binary.LittleEndian
	p := make([]byte, 120)
	copy(p, "\x7fELF\x02\x01\x01")
	e.PutUint16(p[16:], 2) // ET_EXEC
	e.PutUint16(p[18:], map[string]uint16{"amd64": 62, "arm64": 183}[runtime.GOARCH])
	e.PutUint32(p[20:], 1)
	e.PutUint64(p[32:], 64) // e_phoff
	e.PutUint16(p[52:], 64)
	e.PutUint16(p[54:], 56) // e_phentsize
	e.PutUint16(p[56:], 1)  // e_phnum
	e.PutUint32(p[64:], 3)  // PT_INTERP
	e.PutUint64(p[72:], 120)
	e.PutUint64(p[96:], uint64(len(loader)+1))
	return string(p) + loader + "\x00"
}
