package initvm_test

import (
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/keg-project/keg/initvm"
	"github.com/keg-project/keg/linux"
	. "github.com/keg-project/keg/program"
)

// result is what a program did: what it wrote to fd 1, the failure it
// reported (op index and errno), and its exit status.
type result struct {
	out    string
	op     int
	errno  syscall.Errno
	status syscall.WaitStatus
}

// run executes a program with a pipe as fd 1 and another as fd 3 for reports.
func run(t *testing.T, b *Builder) result {
	t.Helper()
	linked, err := b.Link(3)
	if err != nil {
		t.Fatal(err)
	}
	memfd, err := linux.SealedMemfd("test", initvm.Image(linked))
	if err != nil {
		t.Fatal(err)
	}
	defer memfd.Close()
	outR, outW := pipe(t)
	repR, repW := pipe(t)
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	argv := command(t, "/proc/self/fd/"+strconv.Itoa(int(memfd.Fd())), initvm.Image(linked))
	pid, err := syscall.ForkExec(argv[0], argv, &syscall.ProcAttr{
		Files: []uintptr{null.Fd(), outW.Fd(), 2, repW.Fd()},
	})
	if err != nil {
		t.Fatal(err)
	}
	outW.Close()
	repW.Close()
	out, _ := io.ReadAll(outR)
	rep, _ := io.ReadAll(repR)
	r := result{out: string(out), op: -1}
	if _, err := syscall.Wait4(pid, &r.status, 0, nil); err != nil {
		t.Fatal(err)
	}
	if len(rep) == 8 {
		i, ok := linked.OpIndex(binary.NativeEndian.Uint32(rep))
		if !ok {
			t.Fatalf("report names no op: %x", rep)
		}
		r.op, r.errno = i, syscall.Errno(binary.NativeEndian.Uint32(rep[4:]))
	}
	return r
}

// command executes the memfd, or has $KEG_EMULATOR run the image: that is how
// another architecture's interpreter is tested (make arm64).
func command(t *testing.T, memfd string, image []byte) []string {
	t.Helper()
	emulator := os.Getenv("KEG_EMULATOR")
	if emulator == "" {
		return []string{memfd}
	}
	path := filepath.Join(t.TempDir(), "image")
	if err := os.WriteFile(path, image, 0o700); err != nil {
		t.Fatal(err)
	}
	return []string{emulator, path}
}

func pipe(t *testing.T) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(); w.Close() })
	return r, w
}

func say(b *Builder, s string) Op {
	return Op{Call: Write, Args: [6]Arg{N(1), b.Text(s), N(len(s))}}
}

func exit(status int) Op { return Op{Call: Exit, Args: [6]Arg{N(status)}} }

func (r result) expect(t *testing.T, out string, status int) {
	t.Helper()
	if r.out != out || r.status.ExitStatus() != status {
		t.Errorf("wrote %q, exit status %d (op %d: %v); want %q, %d", r.out, r.status.ExitStatus(), r.op, r.errno, out, status)
	}
}

func (r result) expectFailure(t *testing.T, op int, errno syscall.Errno) {
	t.Helper()
	if r.op != op || r.errno != errno || r.status.ExitStatus() != 1 {
		t.Errorf("op %d failed with %d (%v), exit status %d; want op %d, %d", r.op, r.errno, r.errno, r.status.ExitStatus(), op, errno)
	}
}

func TestWriteAndExit(t *testing.T) {
	b := NewBuilder()
	b.Add(say(b, "hello\n"))
	b.Add(exit(7))
	run(t, b).expect(t, "hello\n", 7)
}

func TestFailureIsReported(t *testing.T) {
	b := NewBuilder()
	b.Add(say(b, "before "))
	b.Add(Op{Call: Chdir, Args: [6]Arg{b.Text("/nowhere")}})
	b.Add(say(b, "after"))
	r := run(t, b)
	r.expectFailure(t, 1, syscall.ENOENT)
	if r.out != "before " {
		t.Errorf("wrote %q after the failure", r.out)
	}
}

func TestToleratedErrno(t *testing.T) {
	b := NewBuilder()
	b.Add(Op{Call: Chdir, Args: [6]Arg{b.Text("/nowhere")}, On: [2]Branch{{Errno: syscall.EACCES}, {Errno: syscall.ENOENT}}})
	b.Add(say(b, "on"))
	b.Add(exit(0))
	run(t, b).expect(t, "on", 0)
}

func TestOtherwise(t *testing.T) {
	for _, c := range []struct {
		path string
		want string
	}{{"/nowhere", "first"}, {"/dev/null", "other"}, {"/", "none"}} {
		b := NewBuilder()
		first, other := b.NewLabel(), b.NewLabel()
		b.Add(Op{Call: Chdir, Args: [6]Arg{b.Text(c.path)}, On: [2]Branch{{Errno: syscall.ENOENT, To: first}, Otherwise(other)}})
		b.Add(say(b, "none"))
		b.Add(exit(0))
		b.Mark(first)
		b.Add(say(b, "first"))
		b.Add(exit(0))
		b.Mark(other)
		b.Add(say(b, "other"))
		b.Add(exit(0))
		run(t, b).expect(t, c.want, 0)
	}
}

func TestBranches(t *testing.T) {
	for i, errnos := range [][2]syscall.Errno{{syscall.ENOENT, syscall.EACCES}, {syscall.EACCES, syscall.ENOENT}} {
		b := NewBuilder()
		first, second := b.NewLabel(), b.NewLabel()
		b.Add(Op{Call: Chdir, Args: [6]Arg{b.Text("/nowhere")},
			On: [2]Branch{{Errno: errnos[0], To: first}, {Errno: errnos[1], To: second}}})
		b.Add(exit(9))
		b.Mark(first)
		b.Add(say(b, "0"))
		b.Add(exit(0))
		b.Mark(second)
		b.Add(say(b, "1"))
		b.Add(exit(0))
		run(t, b).expect(t, strconv.Itoa(i), 0)
	}
}

func TestNextSkipsOps(t *testing.T) {
	b := NewBuilder()
	end := b.NewLabel()
	op := say(b, "a")
	op.Next = end
	b.Add(op)
	b.Add(say(b, "b"))
	b.Mark(end)
	b.Add(exit(0))
	run(t, b).expect(t, "a", 0)
}

func TestStoreAndLoad(t *testing.T) {
	b := NewBuilder()
	fd := b.NewSlot("fd")
	b.Add(Op{Call: Dup3, Args: [6]Arg{N(1), N(17), N(0)}, Store: fd})
	op := say(b, "by slot")
	op.Args[0] = fd.Load()
	b.Add(op)
	b.Add(exit(0))
	run(t, b).expect(t, "by slot", 0)
}

func TestEveryArgumentCanBeIndirect(t *testing.T) {
	// write takes three arguments; the rest show that loading them is harmless.
	for i := range 6 {
		b := NewBuilder()
		s := b.NewSlot("s")
		b.Add(Op{Call: Set, Args: [6]Arg{N(1)}, Store: s})
		op := say(b, "x")
		if i < 3 {
			value := b.NewSlot("value")
			b.Add(Op{Call: Set, Args: [6]Arg{op.Args[i]}, Store: value})
			op.Args[i] = value.Load()
		} else {
			op.Args[i] = s.Load()
		}
		b.Add(op)
		b.Add(exit(0))
		run(t, b).expect(t, "x", 0)
	}
}

func TestUnusedSlotIsNoFD(t *testing.T) {
	b := NewBuilder()
	op := say(b, "x")
	op.Args[0] = b.NewSlot("never").Load()
	b.Add(op)
	run(t, b).expectFailure(t, 0, syscall.EBADF)
}

func TestSetOfAnErrnoFails(t *testing.T) {
	b := NewBuilder()
	b.Add(Op{Call: Set, Args: [6]Arg{N(-int(syscall.ELOOP))}})
	run(t, b).expectFailure(t, 0, syscall.ELOOP)
}

func TestWant(t *testing.T) {
	for _, c := range []struct {
		value, mask, want uint64
		ok                bool
	}{
		{5, ^uint64(0), 5, true}, {5, ^uint64(0), 4, false}, {0x15, 0xf, 5, true},
		{1 << 40, ^uint64(0), 0, false}, {1 << 40, ^uint64(0), 1 << 40, true},
	} {
		b := NewBuilder()
		other := b.NewLabel()
		b.Add(Op{Call: Set, Args: [6]Arg{N(c.value)}, Want: Want{Mask: c.mask, Value: c.want, Else: other}})
		b.Add(exit(0))
		b.Mark(other)
		b.Add(exit(3))
		run(t, b).expect(t, "", map[bool]int{true: 0, false: 3}[c.ok])
	}
}

func TestWantWithoutElseFails(t *testing.T) {
	b := NewBuilder()
	b.Add(Op{Call: Read, Args: [6]Arg{N(0), b.Zero(8, "buffer"), N(1)}, Want: Exactly(1)}) // /dev/null: end of file
	run(t, b).expectFailure(t, 0, 0)
}

func TestRetryIsBounded(t *testing.T) {
	b := NewBuilder()
	b.Add(Op{Call: Set, Args: [6]Arg{N(-int(syscall.EAGAIN))}, Retry: 1000})
	run(t, b).expectFailure(t, 0, syscall.EAGAIN)

	b = NewBuilder()
	b.Add(Op{Call: Set, Args: [6]Arg{N(-int(syscall.EAGAIN))}, Retry: 3, On: [2]Branch{{Errno: syscall.EAGAIN}}})
	b.Add(exit(4))
	run(t, b).expect(t, "", 4)
}

func TestFork(t *testing.T) {
	b := NewBuilder()
	parent, pid := b.NewLabel(), b.NewSlot("pid")
	b.Add(Op{Call: Clone, Args: [6]Arg{N(linux.SIGCHLD)}, Store: pid, Want: Want{Mask: ^uint64(0), Else: parent}})
	b.Add(say(b, "child"))
	b.Add(exit(0))
	b.Mark(parent)
	b.Add(exit(6))
	run(t, b).expect(t, "child", 6)
}

func TestReportFDCanMove(t *testing.T) {
	b := NewBuilder()
	b.Add(Op{Call: Set, Args: [6]Arg{N(99)}, Store: b.ReportSlot()})
	b.Add(Op{Call: Chdir, Args: [6]Arg{b.Text("/nowhere")}})
	r := run(t, b)
	if r.op != -1 || r.status.ExitStatus() != 1 {
		t.Errorf("reported op %d to the old fd; exit status %d", r.op, r.status.ExitStatus())
	}
}

func TestExecve(t *testing.T) {
	b := NewBuilder()
	argv := b.Strings("argv", []Arg{b.Text("sh"), b.Text("-c"), b.Text("echo $X $0")})
	envp := b.Strings("envp", []Arg{b.Text("X=ok")})
	b.Add(Op{Call: Execve, Args: [6]Arg{b.Text("/bin/sh"), argv, envp}})
	run(t, b).expect(t, "ok sh\n", 0)
}
