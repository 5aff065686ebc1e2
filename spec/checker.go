package spec

import (
	"slices"
	"strconv"
	"strings"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/cpulist"
)

// checker collects the violations of one configuration.
type checker struct {
	list       Violations
	namespaces []oci.LinuxNamespace // of the configuration being checked
}

func (c *checker) bad(p *path, found, allowed string) {
	c.list = append(c.list, Violation{p.String(), found, allowed})
}

func (c *checker) missing(p *path, allowed string) { c.bad(p, "nothing", allowed) }

func (c *checker) err() error {
	if len(c.list) == 0 {
		return nil
	}
	return c.list
}

// text refuses what the kernel would cut short: to it a NUL ends a string, so
// what was checked would not be what is used.
func (c *checker) text(p *path, s string) {
	if strings.IndexByte(s, 0) >= 0 {
		c.bad(p, quote(s), "a string without NUL")
	}
}

func (c *checker) line(p *path, s string) {
	if strings.IndexByte(s, '\n') >= 0 {
		c.bad(p, quote(s), "one line")
	}
}

func (c *checker) absolute(p *path, s string) {
	switch {
	case s == "":
		c.missing(p, "an absolute path")
	case s[0] != '/':
		c.bad(p, quote(s), "an absolute path")
	}
}

// oneOf checks a value of an enumeration.
func oneOf[T ~string](c *checker, p *path, value T, allowed []T) bool {
	if slices.Contains(allowed, value) {
		return true
	}
	found := quote(string(value))
	if value == "" {
		found = "nothing"
	}
	c.bad(p, found, listed(allowed))
	return false
}

// each checks every element of an array of enumerated values.
func each[T ~string](c *checker, p *path, values, allowed []T) {
	for i, v := range values {
		e := p.at(i)
		oneOf(c, &e, v, allowed)
	}
}

func listed[T ~string](values []T) string {
	if len(values) == 0 {
		return "none"
	}
	names := make([]string, len(values))
	for i, v := range values {
		names[i] = string(v)
	}
	return strings.Join(names, ", ")
}

type integer interface {
	~int | ~int32 | ~int64 | ~uint | ~uint16 | ~uint32 | ~uint64
}

// between checks a number; unset is one that means that there is none, such
// as 0 or -1, and is allowed beside the range.
func between[T integer](c *checker, p *path, v, least, most T, unset ...T) {
	if v >= least && v <= most || slices.Contains(unset, v) {
		return
	}
	allowed := ""
	for _, u := range unset {
		allowed += decimal(u) + ", "
	}
	c.bad(p, decimal(v), allowed+decimal(least)+" to "+decimal(most))
}

func atLeast[T integer](c *checker, p *path, v *T, least int) {
	if v != nil && *v < 0 && int64(*v) < int64(least) {
		c.bad(p, decimal(*v), strconv.Itoa(least)+" or more")
	}
}

func decimal[T integer](v T) string {
	if v < 0 {
		return strconv.FormatInt(int64(v), 10)
	}
	return strconv.FormatUint(uint64(v), 10)
}

// id refuses the number that the kernel takes for "leave as it is": a process
// meant to become 4294967295 would stay root.
func (c *checker) id(p *path, id uint32) {
	between(c, p, id, 0, 1<<32-2)
}

// ranges checks a list of numbers like 0-3,7.
func (c *checker) ranges(p *path, list string) {
	if _, ok := cpulist.Parse(list); !ok && list != "" {
		c.bad(p, quote(list), "a list of numbers and ranges like 0-3,7")
	}
}

// quote prints a string that was found, shortened.
func quote(s string) string {
	const most = 64
	if len(s) > most {
		return strconv.Quote(s[:most]) + "..."
	}
	return strconv.Quote(s)
}
