package main

import (
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/keg-project/keg/container"
)

// state and list are polled by engines, so they are written by hand:
// encoding/json would spend most of the command's time on reflection.

// object appends one JSON object: indented like runc's, or on one line.
type object struct {
	b      []byte
	indent string // "" for one line
	some   bool   // a member has been written
}

func (o *object) open() { o.b, o.some = append(o.b, '{'), false }

func (o *object) close() {
	if o.indent != "" && o.some {
		o.b = append(o.b, '\n')
		o.b = append(o.b, o.indent[2:]...)
	}
	o.b = append(o.b, '}')
}

func (o *object) key(name string) {
	if o.some {
		o.b = append(o.b, ',')
	}
	if o.indent != "" {
		o.b = append(o.b, '\n')
		o.b = append(o.b, o.indent...)
	}
	o.b = append(appendJSONString(o.b, name), ':')
	if o.indent != "" {
		o.b = append(o.b, ' ')
	}
	o.some = true
}

func (o *object) text(name, value string) {
	o.key(name)
	o.b = appendJSONString(o.b, value)
}

func (o *object) number(name string, value int) {
	o.key(name)
	o.b = strconv.AppendInt(o.b, int64(value), 10)
}

func (o *object) texts(name string, values map[string]string) {
	o.key(name)
	inner := object{b: o.b}
	if o.indent != "" {
		inner.indent = o.indent + "  "
	}
	keys := make([]string, 0, len(values))
	for k := range values {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	inner.open()
	for _, k := range keys {
		inner.text(k, values[k])
	}
	inner.close()
	o.b = inner.b
}

// appendInfo appends what `state` and `list` say of a container, in runc's
// order.
func appendInfo(b []byte, info container.Info, indent string) []byte {
	o := object{b: b, indent: indent}
	o.open()
	o.text("ociVersion", info.OCIVersion)
	o.text("id", info.ID)
	o.number("pid", info.Pid)
	o.text("status", string(info.Status))
	o.text("bundle", info.Bundle)
	o.text("rootfs", info.Rootfs)
	o.text("created", info.Created.Format(time.RFC3339Nano))
	if len(info.Annotations) > 0 {
		o.texts("annotations", info.Annotations)
	}
	o.text("owner", info.Owner)
	o.close()
	return o.b
}

// appendJSONString appends s quoted. Bytes that are not UTF-8 become U+FFFD:
// RFC 8259 has no other way, and file names may hold any.
func appendJSONString(b []byte, s string) []byte {
	b = append(b, '"')
	for _, r := range s { // invalid bytes range as utf8.RuneError
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r < 0x20 || r == '\u2028' || r == '\u2029':
			b = appendEscape(b, r)
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return append(b, '"')
}

func appendEscape(b []byte, r rune) []byte {
	switch r {
	case '\n':
		return append(b, `\n`...)
	case '\r':
		return append(b, `\r`...)
	case '\t':
		return append(b, `\t`...)
	case '\b':
		return append(b, `\b`...)
	case '\f':
		return append(b, `\f`...)
	}
	const hex = "0123456789abcdef"
	return append(b, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
}
