package program

import (
	"strconv"
	"strings"

	"github.com/keg-project/keg/linux"
)

// Format says how an argument is to be read.
type Format struct {
	kind  formatKind
	flags []flag
}

// IsPath reports whether the argument is a path or another name.
func (f Format) IsPath() bool { return f.kind == asPath }

type formatKind uint8

const (
	asInt formatKind = iota
	asHex
	asOctal
	asFD
	asPath
	asPtr
	asID
	asFlags
	asOpenFlags
	asEnum
	asDevice
	asMode
)

type flag struct {
	name  string
	value uint64
}

// The formats that need no table.
var (
	Int    = Format{kind: asInt}
	Hex    = Format{kind: asHex}
	Octal  = Format{kind: asOctal}
	FD     = Format{kind: asFD}
	Path   = Format{kind: asPath}
	Ptr    = Format{kind: asPtr}
	ID     = Format{kind: asID}
	Device = Format{kind: asDevice}
)

func (a Arg) format(f Format) string {
	switch a.kind {
	case argLoad:
		return a.text
	case argText:
		return strconv.Quote(a.text)
	case argData:
		if strings.HasPrefix(a.text, "{") || strings.HasPrefix(a.text, "&") {
			return a.text
		}
		return "&" + a.text
	}
	if a.text != "" {
		return a.text
	}
	return f.number(a.n)
}

func (f Format) number(n uint64) string {
	switch f.kind {
	case asHex:
		return "0x" + strconv.FormatUint(n, 16)
	case asOctal:
		if n == 0 {
			return "0"
		}
		return "0" + strconv.FormatUint(n, 8)
	case asPath, asPtr:
		if n == 0 {
			return "NULL"
		}
	case asInt:
		if n == 1<<32-1 {
			return "~0U"
		}
	case asFD:
		if int64(n) == linux.AT_FDCWD {
			return "AT_FDCWD"
		}
	case asFlags:
		return flagNames(f.flags, n)
	case asOpenFlags:
		return openFlagNames(f.flags, n)
	case asEnum:
		return enumName(f.flags, n)
	case asDevice:
		major, minor := linux.MajorMinor(n)
		return strconv.FormatUint(uint64(major), 10) + ":" + strconv.FormatUint(uint64(minor), 10)
	case asMode:
		kind := enumName(f.flags, n&linux.S_IFMT)
		if perm := n &^ uint64(linux.S_IFMT); perm != 0 {
			return kind + "|0" + strconv.FormatUint(perm, 8)
		}
		return kind
	}
	return strconv.FormatInt(int64(n), 10)
}

func enumName(table []flag, n uint64) string {
	for _, f := range table {
		if f.value == n {
			return f.name
		}
	}
	return strconv.FormatInt(int64(n), 10)
}

func flagNames(table []flag, n uint64) string {
	var names []string
	for _, f := range table {
		if f.value != 0 && n&f.value == f.value {
			names = append(names, f.name)
			n &^= f.value
		}
	}
	if n != 0 || len(names) == 0 {
		names = append(names, "0x"+strconv.FormatUint(n, 16))
	}
	if len(names) == 1 && names[0] == "0x0" {
		return "0"
	}
	return strings.Join(names, "|")
}

// openFlagNames names O_RDONLY, which is no bit. open(2)
func openFlagNames(table []flag, n uint64) string {
	names := flagNames(table, n)
	switch {
	case n&(linux.O_WRONLY|linux.O_RDWR|linux.O_PATH) != 0:
		return names
	case n == 0:
		return "O_RDONLY"
	}
	return "O_RDONLY|" + names
}

// Decode prints a number in the format.
func (f Format) Decode(n uint64) string { return f.number(n) }
