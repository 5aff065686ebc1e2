package linux

import (
	"bytes"
	"os"
	"strconv"
)

// ProcStatus is the text of proc_pid_status(5). The name that a process has given
// itself is one line of it: the kernel escapes newlines there.
type ProcStatus []byte

// StatusOf reads that of a process, or of a thread.
func StatusOf(pid int) (ProcStatus, error) { return statusOf(strconv.Itoa(pid)) }

// OwnStatus reads the caller's, whichever pid namespace /proc shows.
func OwnStatus() (ProcStatus, error) { return statusOf("self") }

func statusOf(process string) (ProcStatus, error) {
	return os.ReadFile("/proc/" + process + "/status")
}

// Field is what stands behind a name; "" where this kernel has no such field.
func (s ProcStatus) Field(name string) string {
	for line := range bytes.Lines(s) {
		if key, value, _ := bytes.Cut(line, []byte(":")); string(key) == name {
			return string(bytes.TrimSpace(value))
		}
	}
	return ""
}

// Bits is a field that is a set: of signals, or of capabilities.
func (s ProcStatus) Bits(name string) (uint64, error) {
	return strconv.ParseUint(s.Field(name), 16, 64)
}
