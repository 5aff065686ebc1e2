package cgroup

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path"
	"strconv"
	"strings"
	"syscall"

	"github.com/keg-project/keg/linux"
)

// statReader reads the files of one cgroup and keeps the first error. A file
// that is not there, or that the kernel has not got the means for, is empty.
type statReader struct {
	dir string
	fd  int
	err error
}

func (r *statReader) text(file string) string {
	buf, err := linux.ReadCgroupFile(r.fd, file, make([]byte, 0, 4096))
	if err == nil || gone(err) || errors.Is(err, syscall.EOPNOTSUPP) {
		return string(buf)
	}
	r.fail(file, errors.Unwrap(err))
	return ""
}

func (r *statReader) fail(file string, err error) {
	if r.err == nil {
		r.err = &os.PathError{Op: "read", Path: path.Join(r.dir, file), Err: err}
	}
}

// number reads a file with one number in it.
func (r *statReader) number(file string) uint64 {
	text := strings.TrimSpace(r.text(file))
	if text == "" {
		return 0
	}
	return r.parse(file, text)
}

// parse reads a number as cgroup files have them. "max" is no limit: the
// largest. Counters of v1 can be negative for a moment, when CPUs are summed up
// while they count: that is 0.
func (r *statReader) parse(file, text string) uint64 {
	if text == "max" {
		return math.MaxUint64
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err == nil {
		return n
	}
	if _, negative := strconv.ParseInt(text, 10, 64); negative == nil {
		return 0
	}
	r.fail(file, fmt.Errorf("%q is not a number", text))
	return 0
}

// keyed reads a file of lines "KEY NUMBER". Flat keyed in cgroup-v2.rst
func (r *statReader) keyed(file string) map[string]uint64 {
	values := map[string]uint64{}
	for line := range strings.Lines(r.text(file)) {
		fields := strings.Fields(line)
		if len(fields) != 2 {
			r.fail(file, fmt.Errorf("%q is not a key and a number", line))
			return values
		}
		values[fields[0]] = r.parse(file, fields[1])
	}
	return values
}

// numbers reads a file with any number of numbers.
func (r *statReader) numbers(file string) []uint64 {
	var list []uint64
	for word := range strings.FieldsSeq(r.text(file)) {
		list = append(list, r.parse(file, word))
	}
	return list
}

// pairs calls each for every NAME=VALUE of a line. Nested keyed in
// cgroup-v2.rst
func pairs(words []string, each func(name, value string)) {
	for _, word := range words {
		if name, value, ok := strings.Cut(word, "="); ok {
			each(name, value)
		}
	}
}
