package seccomp

import (
	"math/rand/v2"
	"testing"
)

// A filter decides what its profile says, read rule by rule.
func TestRandomProfiles(t *testing.T) {
	const profiles, calls = 400, 50
	for _, goarch := range []string{"amd64", "arm64"} {
		r := rand.New(rand.NewPCG(1, 2))
		seen := map[uint32]int{}
		for i := range profiles {
			p := randomProfile(r, goarch)
			f, err := Compile(p, Options{Arch: goarch})
			if err != nil {
				t.Fatalf("%s %d: %v", goarch, i, err)
			}
			for range calls {
				d := randomData(r, p, goarch)
				got, _, err := Run(f.Code, &d)
				if want := decide(p, goarch, &d); err != nil || got != want {
					t.Fatalf("%s %d: %+v: %s, want %s, %v\n%+v", goarch, i, d, Describe(got), Describe(want), err, *p)
				}
				seen[Action(got)]++
			}
		}
		if len(seen) != 8 {
			t.Errorf("%s: of eight outcomes only %v", goarch, seen)
		}
	}
}
