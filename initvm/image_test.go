package initvm_test

import (
	"bytes"
	"debug/elf"
	"strings"
	"testing"

	"github.com/keg-project/keg/initvm"
	"github.com/keg-project/keg/linux"
	. "github.com/keg-project/keg/program"
)

func TestCodeIsSmall(t *testing.T) {
	n := len(initvm.Code())
	t.Logf("the interpreter has %d bytes", n)
	if n >= 512 || n < 100 {
		t.Errorf("the interpreter has %d bytes; want fewer than 512", n)
	}
}

func TestImageIsNeverWritableAndExecutable(t *testing.T) {
	b := NewBuilder()
	b.Add(exit(0))
	linked, err := b.Link(3)
	if err != nil {
		t.Fatal(err)
	}
	f, err := elf.NewFile(bytes.NewReader(initvm.Image(linked)))
	if err != nil {
		t.Fatal(err)
	}
	stack := false
	for _, p := range f.Progs {
		if p.Flags&elf.PF_W != 0 && p.Flags&elf.PF_X != 0 {
			t.Errorf("segment at %#x is writable and executable", p.Vaddr)
		}
		stack = stack || p.Type == elf.PT_GNU_STACK
	}
	if !stack {
		t.Error("no PT_GNU_STACK: the kernel would make the stack executable")
	}
}

// The same, asked of the kernel: the interpreter prints its own maps.
func TestRunningImageMaps(t *testing.T) {
	b := NewBuilder()
	fd, n, buf, more, end := b.NewSlot("fd"), b.NewSlot("n"), b.Zero(4096, "buf"), b.NewLabel(), b.NewLabel()
	b.Add(Op{Call: Openat, Args: [6]Arg{N(linux.AT_FDCWD), b.Text("/proc/self/maps")}, Store: fd})
	b.Mark(more)
	b.Add(Op{Call: Read, Args: [6]Arg{fd.Load(), buf, N(4096)}, Store: n, Want: Want{Mask: ^uint64(0), Else: end}})
	b.Add(exit(0))
	b.Mark(end)
	b.Add(Op{Call: Write, Args: [6]Arg{N(1), buf, n.Load()}, Next: more})
	r := run(t, b)
	r.expect(t, r.out, 0)
	if !strings.Contains(r.out, "10000000-") {
		t.Fatalf("no code at 0x10000000 in:\n%s", r.out)
	}
	for line := range strings.Lines(r.out) {
		if fields := strings.Fields(line); strings.Contains(fields[1], "w") && strings.Contains(fields[1], "x") {
			t.Errorf("writable and executable: %s", line)
		}
	}
}

func TestSealedMemfd(t *testing.T) {
	f, err := linux.SealedMemfd("sealed", []byte("content"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt([]byte("x"), 0); err == nil {
		t.Error("a sealed memfd was written")
	}
	if err := f.Truncate(0); err == nil {
		t.Error("a sealed memfd was truncated")
	}
}
