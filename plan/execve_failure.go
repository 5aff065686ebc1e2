package plan

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"syscall"
)

// ExecFailure is the failure of a program's execve after start: the record of
// the init, with the program's first bytes before it where the file was there.
func ExecFailure(args0 string, record []byte) error {
	if len(record) != 8 && len(record) != 8+HeadSize {
		return errors.New("the container's init ended before its program ran")
	}
	var head []byte
	if len(record) > 8 {
		head, record = record[:HeadSize], record[HeadSize:]
	}
	f := &Failure{Step: Step{Field: "process.args", Title: "execute " + args0}, Call: "execve", Path: args0,
		Errno: syscall.Errno(binary.NativeEndian.Uint32(record[4:]))}
	(&Plan{args0: args0}).explainLookup(f, head)
	return f
}

// explainLookup is about the program, in the words that engines look for.
func (p *Plan) explainLookup(f *Failure, head []byte) {
	name := p.args0
	switch {
	case head != nil:
		f.Text, f.Hint = explainHead(name, f.Errno, head)
	case f.Errno == enoent && strings.Contains(name, "/"):
		f.Text = "exec: " + quote(name) + ": stat " + name + ": no such file or directory"
	case f.Errno == enoent:
		f.Text = "exec: " + quote(name) + ": executable file not found in $PATH"
		if strings.HasPrefix(name, "-") {
			f.Hint = "keg's own flags stand in front of the container's id"
		}
	case f.Errno == syscall.EISDIR:
		f.Text = "exec: " + quote(name) + ": is a directory: permission denied"
	default:
		f.Text = "exec: " + quote(name) + ": " + f.Errno.Error()
	}
	if f.Errno == eacces && head == nil {
		f.Hint = "the file or a directory on the way is not executable for the container's user"
	}
}

// explainHead tells apart why a file that is there could not be executed.
func explainHead(name string, errno syscall.Errno, head []byte) (text, hint string) {
	text = "exec: " + quote(name) + ": " + errno.Error()
	line, script := bytes.CutPrefix(head, []byte("#!"))
	if script {
		line, _, _ = bytes.Cut(line, []byte("\n"))
		interpreter, _, _ := strings.Cut(strings.TrimLeft(string(line), " \t"), " ")
		if strings.HasSuffix(string(line), "\r") {
			return text, "its first line ends in a carriage return: the script has Windows line ends; convert it with dos2unix"
		}
		return text, "the script's interpreter " + escaped(interpreter) + " is missing in the container"
	}
	if loader := elfLoader(head); loader != "" && errno == enoent {
		return text, "the program's ELF loader " + escaped(loader) + " is missing in the container: the image lacks its C library, or has another one"
	}
	if errno == syscall.ENOEXEC {
		return text, formatHint(head)
	}
	return text, ""
}

func formatHint(head []byte) string {
	if !bytes.HasPrefix(head, []byte("\x7fELF")) {
		return "the file is neither an ELF program nor a script that begins with #!"
	}
	return "the program is for another architecture: ELF machine " + fmt.Sprint(binary.LittleEndian.Uint16(head[18:]))
}

// elfLoader is the path in an ELF64 file's PT_INTERP, if head has it. elf(5)
func elfLoader(head []byte) string {
	const ptInterp = 3
	if !bytes.HasPrefix(head, []byte("\x7fELF\x02\x01")) {
		return ""
	}
	e := binary.LittleEndian
	off, size, count := e.Uint64(head[32:]), uint64(e.Uint16(head[54:])), uint64(e.Uint16(head[56:]))
	for i := range count {
		at := off + i*size
		if off > uint64(len(head)) || at+56 > uint64(len(head)) {
			return ""
		}
		p := head[at:]
		if e.Uint32(p) != ptInterp {
			continue
		}
		from, n := e.Uint64(p[8:]), e.Uint64(p[32:])
		if from > uint64(len(head)) || n == 0 || n > uint64(len(head))-from {
			return "(unknown)"
		}
		return strings.TrimRight(string(head[from:from+n]), "\x00")
	}
	return ""
}
