package doctor

import (
	"strconv"
	"strings"
)

// release is a version as far as its second number.
type release struct{ major, minor int }

func (r release) String() string { return strconv.Itoa(r.major) + "." + strconv.Itoa(r.minor) }

func (r release) before(other release) bool {
	return r.major < other.major || r.major == other.major && r.minor < other.minor
}

// parseRelease reads what begins with two numbers: "6.1.0-37-amd64".
func parseRelease(text string) (r release, ok bool) {
	digits := func(s string) string { return s[:len(s)-len(strings.TrimLeft(s, "0123456789"))] }
	a := digits(text)
	rest, dot := strings.CutPrefix(text[len(a):], ".")
	b := digits(rest)
	var errA, errB error
	r.major, errA = strconv.Atoi(a)
	r.minor, errB = strconv.Atoi(b)
	return r, dot && errA == nil && errB == nil
}
