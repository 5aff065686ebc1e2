package doctor

import "github.com/keg-project/keg/criu"

const subjectCheckpoint = "checkpoints"

// criuFacts are what checkpoints depend on.
type criuFacts struct {
	path, version string // path "": it is not installed
	kernel        string
	install       installer
}

func examineCheckpoint(m *machine) []Finding {
	f := criuFacts{kernel: m.release, install: m.install}
	if path, err := criu.Find("criu"); err == nil {
		f.path, f.version = path, versionOf(path, m.Patience)
	}
	return []Finding{f.finding()}
}

func (f criuFacts) finding() Finding {
	found := ok(subjectCheckpoint, "CRIU", f.version+" ("+f.path+")", "checkpoint and restore of containers")
	if f.path == "" {
		return found.bad(Note, "is not installed", f.install.of(software{"CRIU", "criu", "criu", "criu", "criu", "criu"}))
	}
	oldest, _ := parseRelease(criu.Oldest)
	newer, _ := parseRelease(criu.NewerKernel)
	if r, known := parseRelease(f.kernel); known && !r.before(newer) {
		oldest, _ = parseRelease(criu.OldestNewer)
	}
	if r, known := parseRelease(f.version); known && r.before(oldest) {
		return found.bad(Note, found.Found+", which is too old for Linux "+f.kernel, "install CRIU "+oldest.String()+" or newer; --criu names another than the first in PATH")
	}
	return found
}
