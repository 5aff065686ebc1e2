package devices

import (
	"math/rand/v2"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// request is what the kernel asks when a device is opened or made.
type request struct {
	kind         byte
	major, minor int64
	access       Access
}

// want is the specification read naively: for each kind of access the last rule
// that is about the device has it.
func want(list []oci.LinuxDeviceCgroup, q request) bool {
	for bit := Mknod; bit <= Write; bit <<= 1 {
		if q.access&bit != 0 && !wantOne(list, q, bit) {
			return false
		}
	}
	return true
}

func wantOne(list []oci.LinuxDeviceCgroup, q request, bit Access) (allowed bool) {
	if bit == Mknod {
		return true // it gives no access to the device
	}
	for _, r := range list {
		kind := r.Type == "" || r.Type == "a" || r.Type[0] == q.kind
		if kind && matches(r.Major, q.major) && matches(r.Minor, q.minor) && (r.Access == "" || strings.Contains(r.Access, bit.String())) {
			allowed = r.Allow
		}
	}
	return allowed || always(list, q)
}

func matches(number *int64, n int64) bool { return number == nil || *number == Any || *number == n }

// always: what every container may use, where the list does not name it.
func always(list []oci.LinuxDeviceCgroup, q request) bool {
	if q.kind != 'c' {
		return false
	}
	minor := q.minor
	switch {
	case q.major == 1 && (minor == 3 || minor == 5 || minor == 7 || minor == 8 || minor == 9):
	case q.major == 5 && minor <= 2:
	case q.major == 10 && minor == 200:
	case q.major == 136:
		minor = Any
	default:
		return false
	}
	for _, r := range list {
		if r.Type != "b" && r.Major != nil && *r.Major == q.major && (r.Minor == nil && minor == Any || r.Minor != nil && *r.Minor == minor) {
			return false
		}
	}
	return true
}

// The rules of a test are about few numbers, so that they meet; its requests
// also about those of the default devices, and one that stands for all others.
var (
	someMajors, someMinors = []int64{1, 5, 136}, []int64{1, 3, 1048575}
	askMajors, askMinors   = []int64{1, 5, 136, 10, other}, []int64{1, 3, 1048575, 0, 5, 200, other}
)

const other = 77

func requests(yield func(request) bool) {
	for _, kind := range []byte("cb") {
		for _, major := range askMajors {
			for _, minor := range askMinors {
				for access := Mknod; access <= Everything; access++ {
					if !yield(request{kind, major, minor, access}) {
						return
					}
				}
			}
		}
	}
}

// pick makes a rule of some bytes.
func pick(next func(n int) int) oci.LinuxDeviceCgroup {
	r := oci.LinuxDeviceCgroup{Allow: next(2) == 0, Type: []string{"", "a", "c", "c", "c", "b"}[next(6)]}
	number := func(some []int64) *int64 {
		switch i := next(len(some) + 3); {
		case i < len(some):
			return &some[i]
		case i == len(some):
			return nil
		default:
			n := int64(Any)
			return &n
		}
	}
	r.Major, r.Minor = number(someMajors), number(someMinors)
	r.Access = []string{"", "rwm", "rwm", "rw", "r", "w", "m", "rm", "wr"}[next(9)]
	return r
}

func randomLists(t *testing.T, count int, test func(list []oci.LinuxDeviceCgroup) string) {
	for seed := range uint64(count) {
		r := rand.New(rand.NewPCG(seed, 1))
		list := make([]oci.LinuxDeviceCgroup, r.IntN(12))
		for i := range list {
			list[i] = pick(r.IntN)
		}
		if msg := test(list); msg != "" {
			t.Fatalf("list %d:\n%s\n%s", seed, text(list), msg)
		}
	}
}

func text(list []oci.LinuxDeviceCgroup) string {
	var s strings.Builder
	for _, r := range rulesOf(list)[:len(list)] {
		word := "deny"
		if r.allow {
			word = "allow"
		}
		s.WriteString(word + " " + string(r.kind) + " " + r.node.String() + " " + r.access.String() + "\n")
	}
	return s.String()
}
