// Package signame reads and writes the names of signals, as kill(1) and runc
// take them.
//
// It is not for sending them.
package signame

import (
	"fmt"
	"strconv"
	"strings"
	"syscall"
)

// The C library keeps the kernel's first two real-time signals, 32 and 33, to
// itself: RTMIN is 34 for every program, and so it is for runc.
const (
	rtMin = 34
	rtMax = 64
)

// Names are the names of the signals 1 to 31, which are the same on
// amd64 and arm64.
var Names = [...]string{
	1: "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1",
	"SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP",
	"TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
}

// Parse reads a signal as kill(1) and runc take it. Nothing may follow:
// "9x" sent as SIGKILL would be a nasty surprise.
func Parse(text string) (syscall.Signal, error) {
	if n, ok := number(text); ok {
		if n > rtMax { // 0 asks, as with kill(2), whether there is anything to send a signal to
			return 0, fmt.Errorf("invalid signal %q: numbers go from 0 to %d", text, rtMax)
		}
		return syscall.Signal(n), nil
	}
	name := strings.TrimPrefix(strings.ToUpper(text), "SIG")
	if sig := namedSignal(name); sig != 0 {
		return sig, nil
	}
	if sig := realTimeSignal(name); sig != 0 {
		return sig, nil
	}
	return 0, fmt.Errorf("invalid signal %q: neither a number nor a name such as TERM, SIGKILL or RTMIN+1", text)
}

// Of is a signal's name as kill(1) takes it: SIGTERM.
func Of(sig syscall.Signal) string {
	switch n := int(sig); {
	case n > 0 && n < len(Names):
		return "SIG" + Names[n]
	case n >= rtMin && n <= rtMax:
		return "SIGRTMIN+" + strconv.Itoa(n-rtMin)
	}
	return "signal " + strconv.Itoa(int(sig))
}

func namedSignal(name string) syscall.Signal {
	switch name {
	case "":
		return 0
	case "IOT":
		return syscall.SIGABRT
	case "CLD":
		return syscall.SIGCHLD
	case "POLL":
		return syscall.SIGIO
	}
	for n, known := range Names {
		if name == known {
			return syscall.Signal(n)
		}
	}
	return 0
}

func realTimeSignal(name string) syscall.Signal {
	base, sign := rtMin, 1
	rest, ok := strings.CutPrefix(name, "RTMIN")
	if !ok {
		if rest, ok = strings.CutPrefix(name, "RTMAX"); !ok {
			return 0
		}
		base, sign = rtMax, -1
	}
	if rest == "" {
		return syscall.Signal(base)
	}
	n, ok := number(rest[1:])
	if !ok || n > rtMax-rtMin || rest[0] != "-+"[(sign+1)/2] {
		return 0
	}
	return syscall.Signal(base + sign*n)
}

// number reads digits and nothing else: no sign, no space, no leading zero.
func number(text string) (int, bool) {
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil || len(text) > 1 && text[0] == '0' {
		return 0, false
	}
	return int(n), true
}
