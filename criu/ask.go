package criu

import (
	"errors"
	"fmt"

	"github.com/checkpoint-restore/go-criu/v8/rpc"
)

// Versions of CRIU: Oldest is the first that freezes cgroups of v2 and knows time
// namespaces, and OldestNewer knows the vDSO of kernels from NewerKernel on.
const (
	Oldest      = "3.14"
	OldestNewer = "4.1"
	NewerKernel = "6.13"

	Needed = "CRIU " + Oldest + " or newer (" + OldestNewer + " from Linux " + NewerKernel + " on)"
)

func oldest() (v release) {
	fmt.Sscanf(Oldest, "%d.%d", &v.major, &v.minor)
	return v
}

type release struct{ major, minor, sub int }

func (v release) String() string { return fmt.Sprintf("%d.%d.%d", v.major, v.minor, v.sub) }

func (v release) before(w release) bool {
	switch {
	case v.major != w.major:
		return v.major < w.major
	case v.minor != w.minor:
		return v.minor < w.minor
	}
	return v.sub < w.sub
}

// Check refuses a CRIU that is too old, or cannot do here what is wanted of it.
// Of the Config, Program, Waiting and Patience count.
func Check(c Config, o *Options) error {
	resp, err := ask(c, &rpc.CriuReq{Type: rpc.CriuReqType_VERSION.Enum()})
	if err != nil {
		return fmt.Errorf("%s: %w", c.Program, err)
	}
	answer := resp.GetVersion()
	v := release{int(answer.GetMajorNumber()), int(answer.GetMinorNumber()), int(answer.GetSublevel())}
	if v.before(oldest()) {
		return fmt.Errorf("%s is version %v, and keg needs %v or newer", c.Program, v, oldest())
	}
	if !o.TrackMemory && !o.LazyPages {
		return nil
	}
	return checkFeatures(c, o)
}

// checkFeatures asks for what depends on the kernel.
func checkFeatures(c Config, o *Options) error {
	want := &rpc.CriuFeatures{MemTrack: flag(o.TrackMemory), LazyPages: flag(o.LazyPages)}
	resp, err := ask(c, &rpc.CriuReq{Type: rpc.CriuReqType_FEATURE_CHECK.Enum(), Features: want})
	if err != nil {
		return fmt.Errorf("%s: %w", c.Program, err)
	}
	have := resp.GetFeatures()
	switch {
	case o.TrackMemory && !have.GetMemTrack():
		return errors.New("--pre-dump, --parent-path: this kernel does not track which memory has changed (CONFIG_MEM_SOFT_DIRTY)")
	case o.LazyPages && !have.GetLazyPages():
		return errors.New("--lazy-pages: this kernel cannot hand out memory later (userfaultfd)")
	}
	return nil
}

// ask has a CRIU of its own answer a question.
func ask(c Config, req *rpc.CriuReq) (*rpc.CriuResp, error) {
	s, err := Start(Config{Program: c.Program, Waiting: c.Waiting, Patience: c.Patience})
	if err != nil {
		return nil, err
	}
	defer s.Close()
	return s.Do(req, func(n Notice) error {
		if n.File != nil {
			n.File.Close()
		}
		return nil
	})
}
