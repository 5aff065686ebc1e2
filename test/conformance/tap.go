package conformance

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Report is what a program said of a runtime: TAP, and how it ended.
type Report struct {
	Passed  map[string]int `json:"passed,omitempty"` // how often, by the words of the assertion
	Failed  map[string]int `json:"failed,omitempty"`
	Skipped int            `json:"skipped,omitempty"`
	Exit    int            `json:"exit,omitempty"`
}

// Passes tells whether the program had nothing to say against the runtime.
func (r Report) Passes() bool { return r.Exit == 0 && len(r.Failed) == 0 }

func total(counts map[string]int) int {
	n := 0
	for c := range maps.Values(counts) {
		n += c
	}
	return n
}

var (
	assertion = regexp.MustCompile(`^(not )?ok \d+(?: (-|# SKIP|# TODO) ?(.*))?$`)
	ids       = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	bundles   = regexp.MustCompile(`/[^ "]*/(ocitest|oci-pid)\d+`)
	numbers   = regexp.MustCompile(`/proc/\d+|:\[\d+\]|0x[0-9a-f]+`)
)

// read takes the program's output apart. Programs that assert nothing report an
// error in a block of YAML (here always JSON) that follows no assertion: that is
// a failure like any other.
func read(stdout, stderr string, exit int) Report {
	r := Report{Passed: map[string]int{}, Failed: map[string]int{}, Exit: exit}
	asserted := false
	lines := strings.Split(stdout, "\n")
	for i := 0; i < len(lines); i++ {
		if lines[i] == "  ---" {
			end := slices.Index(lines[i:], "  ...")
			if end < 0 {
				break
			}
			if text := complaint(strings.Join(lines[i+1:i+end], "\n")); text != "" && !asserted {
				r.Failed[text]++
			}
			i += end
			continue
		}
		if m := assertion.FindStringSubmatch(lines[i]); m != nil {
			r.count(m[1] == "", m[2] == "# SKIP", plain(m[3]))
			asserted = true
		}
	}
	for line := range strings.Lines(stderr) {
		if text, ok := strings.CutPrefix(line, "WARNING: "); ok {
			r.Failed[plain(text)]++
		}
	}
	return r
}

func (r *Report) count(ok, skipped bool, text string) {
	switch {
	case skipped:
		r.Skipped++
	case ok:
		r.Passed[text]++
	default:
		r.Failed[text]++
	}
}

// complaint is the error of a block of diagnostics.
func complaint(block string) string {
	var d struct{ Error string }
	if json.Unmarshal([]byte(block), &d) != nil {
		return ""
	}
	return plain(d.Error)
}

// plain leaves out what is another's in each run.
func plain(text string) string {
	text = ids.ReplaceAllString(text, "ID")
	text = bundles.ReplaceAllString(text, "BUNDLE")
	text = numbers.ReplaceAllStringFunc(text, func(s string) string {
		if strings.HasPrefix(s, "/proc/") {
			return "/proc/PID"
		}
		return ""
	})
	return strings.Join(strings.Fields(text), " ")
}
