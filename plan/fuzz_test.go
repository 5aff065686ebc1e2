package plan

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keg-project/keg/spec"
)

// Whatever a valid configuration asks for: an error or a plan, never a panic;
// the same plan each time; one that links, and that can be printed.
func FuzzCompile(f *testing.F) {
	configs, err := filepath.Glob("testdata/*/config.json")
	if err != nil {
		f.Fatal(err)
	}
	engines, err := filepath.Glob("../spec/testdata/*.json")
	if err != nil {
		f.Fatal(err)
	}
	for i, path := range append(configs, engines...) {
		config, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(config, uint8(i))
	}
	f.Fuzz(func(t *testing.T, config []byte, variant uint8) {
		s, err := spec.Decode(config)
		if err != nil || spec.Validate(s) != nil {
			t.Skip("not a configuration")
		}
		in := Input{Spec: s, ID: "box", Bundle: "/bundle", Host: hostFacts()}
		in.vary(variant)
		first, err := Compile(in)
		again, errAgain := Compile(in)
		if message(err) != message(errAgain) {
			t.Fatalf("two errors: %v and %v", err, errAgain)
		}
		if err != nil {
			return
		}
		checkPlan(t, first, again)
	})
}

// vary sets the inputs beside the configuration from bits.
func (in *Input) vary(bits uint8) {
	has := func(i int) bool { return bits&(1<<i) != 0 }
	in.Wait, in.NoPivot, in.NoNewKeyring, in.Host.Initramfs = has(0), has(1), has(2), has(3)
	if has(4) {
		ordinaryUser(in)
	}
	if has(5) {
		in.Host.Resources.Unified, in.Host.CgroupMounts = false, cgroupV1()
	}
	if has(6) {
		in.Host.LastCap = 63
	}
	if has(7) {
		in.PreserveFDs = 3
	}
}

func checkPlan(t *testing.T, p, again *Plan) {
	linked, err := p.Program.Link(p.SyncFD)
	if err != nil {
		if strings.Contains(err.Error(), "larger than") {
			return
		}
		t.Fatal(err)
	}
	twice, err := again.Program.Link(again.SyncFD)
	if err != nil || string(twice.Image) != string(linked.Image) {
		t.Fatalf("another program the second time; %v", err)
	}
	if text(t, p, true) != text(t, again, true) {
		t.Fatal("another text the second time")
	}
	checkSteps(t, p)
}

// checkSteps: every op belongs to one step, and every step of both sides is
// explained once.
func checkSteps(t *testing.T, p *Plan) {
	next := 0
	for _, s := range p.Init {
		if s.First != next || s.End < s.First || s.Title == "" {
			t.Fatalf("step %+v begins at op %d", s, next)
		}
		next = s.End
	}
	if next != len(p.Program.Ops()) {
		t.Fatalf("the last step ends at op %d of %d", next, len(p.Program.Ops()))
	}
	list := p.Explain()
	if len(list) != len(p.Init)+len(p.Host) {
		t.Fatalf("%d steps explained of %d and %d", len(list), len(p.Init), len(p.Host))
	}
	for i, e := range list {
		if e.Number != i+1 {
			t.Fatalf("step %d has number %d", i+1, e.Number)
		}
	}
}
