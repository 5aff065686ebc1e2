package state

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"
)

// encode writes s as JSON, one field a line for whoever has to read it.
func (s *State) encode() []byte {
	b := make([]byte, 0, 2048)
	b = append(b, `{"version": `...)
	b = strconv.AppendInt(b, Version, 10)
	b = appendField(b, "ociVersion", s.OCIVersion)
	b = appendField(b, "id", s.ID)
	b = strconv.AppendInt(append(b, ",\n\"pid\": "...), int64(s.Pid), 10)
	b = strconv.AppendUint(append(b, ",\n\"startTime\": "...), s.StartTime, 10)
	b = appendField(b, "bundle", s.Bundle)
	b = appendField(b, "rootfs", s.Rootfs)
	b = s.Created.AppendFormat(append(b, ",\n\"created\": \""...), time.RFC3339Nano)
	b = strconv.AppendInt(append(b, "\",\n\"owner\": "...), int64(s.Owner), 10)
	b = appendMap(append(b, ",\n\"annotations\": "...), s.Annotations)
	b = appendField(b, "resctrl", s.Resctrl.Dir)
	b = appendField(b, "resctrlMonitor", s.Resctrl.Monitor)
	b = strconv.AppendBool(append(b, ",\n\"resctrlOwn\": "...), s.Resctrl.Own)
	b = appendField(b, "pidFile", s.PidFile)
	b = strconv.AppendBool(append(b, ",\n\"noNewKeyring\": "...), s.NoNewKeyring)
	b = appendCgroups(append(b, ",\n\"cgroups\": "...), s.Cgroups)
	if s.Unit != "" {
		b = appendField(b, "unit", s.Unit)
		b = strconv.AppendBool(append(b, ",\n\"userUnit\": "...), s.UserUnit)
	}
	if len(s.Hooks) > 0 {
		b = appendList(append(b, ",\n\"hooks\": "...), s.Hooks)
	}
	if s.Phase != "" {
		b = appendField(b, "phase", string(s.Phase))
	}
	if s.DevicesChanged {
		b = append(b, ",\n\"devicesChanged\": true"...)
	}
	if s.MemorySwap != 0 {
		b = strconv.AppendInt(append(b, ",\n\"memorySwap\": "...), s.MemorySwap, 10)
	}
	return append(b, "}\n"...)
}

func appendField(b []byte, key, value string) []byte {
	b = appendString(append(b, ",\n"...), key)
	return appendString(append(b, ": "...), value)
}

// appendMap writes the keys in order: the same state gives the same bytes.
func appendMap(b []byte, m map[string]string) []byte {
	b = append(b, '{')
	for i, key := range slices.Sorted(maps.Keys(m)) {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = appendString(b, key)
		b = appendString(append(b, ": "...), m[key])
	}
	return append(b, '}')
}

func appendList(b []byte, list []string) []byte {
	b = append(b, '[')
	for i, item := range list {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = appendString(b, item)
	}
	return append(b, ']')
}

func appendCgroups(b []byte, cgroups []Cgroup) []byte {
	b = append(b, '[')
	for i, c := range cgroups {
		if i > 0 {
			b = append(b, ",\n\t"...)
		}
		b = appendString(append(b, `{"controllers": `...), c.Controllers)
		b = appendString(append(b, `, "mount": `...), c.Mount)
		b = appendString(append(b, `, "path": `...), c.Path)
		b = append(b, '}')
	}
	return append(b, ']')
}

func appendString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for _, c := range []byte(s) {
		switch {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c < 0x20:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}

// check refuses text that JSON cannot hold: read back, it would name another
// directory or cgroup.
func (s *State) check() error {
	fields := []struct{ name, value string }{{"bundle", s.Bundle}, {"rootfs", s.Rootfs}, {"pid file", s.PidFile}, {"intelRdt group", s.Resctrl.Dir}}
	for _, c := range s.Cgroups {
		fields = append(fields, struct{ name, value string }{"cgroup", c.Mount + c.Path})
	}
	for _, f := range fields {
		if !utf8.ValidString(f.value) {
			return fmt.Errorf("%s %q: not UTF-8, cannot be kept in %s", f.name, f.value, stateFile)
		}
	}
	return nil
}
