package seccomp

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"syscall"
	"testing"
	"time"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/seccomp"
)

// profiles says how many are compared: make soak takes four times as many.
func profiles() int {
	if os.Getenv("KEG_SOAK") != "" {
		return 12000
	}
	return 3000
}

// tally counts how a comparison went.
type tally struct{ calls, conditional, several, theirs int }

// keg decides as libseccomp does. Where several rules with conditions are about
// one call, libseccomp is at times wrong (see holds); each of those is checked
// against the profile, and they must stay few.
func TestSameDecisions(t *testing.T) {
	for _, m := range []*machine{amd64(), arm64()} {
		t.Run(m.goarch, func(t *testing.T) {
			seed := rand.Uint64()
			r := rand.New(rand.NewPCG(seed, 0))
			var n tally
			for i := range profiles() {
				if err := m.compare(r, &n); err != nil {
					t.Fatalf("seed %d, profile %d: %v", seed, i, err)
				}
			}
			t.Logf("%+v", n)
			if n.conditional < n.calls/10 || n.several < n.calls/50 {
				t.Errorf("too few conditions: %+v", n)
			}
			if n.theirs > n.several/50 {
				t.Errorf("libseccomp differs too often: %+v", n)
			}
		})
	}
}

// compare compares both filters of one random profile over a hundred calls.
func (m *machine) compare(r *rand.Rand, n *tally) error {
	p := m.random(r)
	theirs, err := patiently(p, m.archs[0])
	for errors.Is(err, syscall.EEXIST) || errors.Is(err, errEndless) { // libseccomp refuses equal conditions with another action, keg takes the first
		p = m.random(r)
		theirs, err = patiently(p, m.archs[0])
	}
	if err != nil {
		return fmt.Errorf("libseccomp: %w", err)
	}
	f, err := seccomp.Compile(p, seccomp.Options{Arch: m.goarch, FailUnknown: true})
	if err != nil {
		return err
	}
	newest := m.newest(p)
	for range 100 {
		d := m.call(r, p)
		if m.differs(p, &d) {
			continue
		}
		got, _, failed := seccomp.Run(f.Code, &d)
		want, _, err := seccomp.Run(theirs, &d)
		if failed != nil || err != nil {
			return errors.Join(failed, err)
		}
		if m.isNewer(p, newest, &d) {
			want = seccomp.RetErrno | uint32(syscall.ENOSYS)
		}
		if !m.same(p, &d, got, want, n) {
			return fmt.Errorf("%+v: %s, libseccomp: %s\n%s", d, seccomp.Describe(got), seccomp.Describe(want), m.about(p, &d))
		}
	}
	return nil
}

var errEndless = errors.New("libseccomp does not come to an end")

// patiently gives libseccomp a few seconds.
func patiently(p *oci.LinuxSeccomp, native oci.Arch) ([]seccomp.Instruction, error) {
	type result struct {
		code []seccomp.Instruction
		err  error
	}
	done := make(chan result, 1)
	go func() {
		code, err := Compile(p, native, true)
		done <- result{code, err}
	}()
	select {
	case r := <-done:
		return r.code, r.err
	case <-time.After(2 * time.Second):
		return nil, errEndless
	}
}

func (m *machine) same(p *oci.LinuxSeccomp, d *seccomp.Data, got, want uint32, n *tally) bool {
	count, ret, found := m.holds(p, d)
	n.calls++
	if count > 0 {
		n.conditional++
	}
	if count > 1 {
		n.several++
	}
	if got == want {
		return true
	}
	n.theirs++
	if !found {
		ret = uint32(action(p.DefaultAction, p.DefaultErrnoRet))
	}
	return count > 1 && got == ret
}

// about is what a profile says of a call.
func (m *machine) about(p *oci.LinuxSeccomp, d *seccomp.Data) string {
	a, _ := m.archOf(d)
	text := fmt.Sprintln(a, p.DefaultAction, p.Architectures)
	for i, e := range p.Syscalls {
		for _, name := range e.Names {
			if Number(a, name) == int(d.Nr) {
				text += fmt.Sprintln(i, name, e.Action, e.ErrnoRet != nil, e.Args)
			}
		}
	}
	return text
}
