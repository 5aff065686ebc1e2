package spec

import (
	"strconv"
	"strings"
)

// checker collects the violations of one configuration.
type checker struct {
	list Violations
}

func (c *checker) bad(p *path, found, allowed string) {
	c.list = append(c.list, Violation{p.String(), found, allowed})
}

// text refuses what the kernel would cut short: to it a NUL ends a string, so
// what was checked would not be what is used.
func (c *checker) text(p *path, s string) {
	if strings.IndexByte(s, 0) >= 0 {
		c.bad(p, quote(s), "a string without NUL")
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
