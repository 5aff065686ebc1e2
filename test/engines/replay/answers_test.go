package replay

import (
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/keg-project/keg/test/engines"
)

// apart are the keys that one of the two has and the other has not, and why.
var apart = []struct{ command, line, why string }{
	{"features", "annotations.*", "each speaks of its own version and libraries"},
	{"features", "linux.cgroup.rdma bool", "specification 1.1"},
	{"features", "linux.seccomp.*Flags*", "specification 1.1"},
	{"features", "linux.mountExtensions*", "specification 1.1"},
	{"features", "linux.intelRdt*", "specification 1.1"},
	{"features", "potentiallyUnsafeConfigAnnotations*", "specification 1.1"},
	{"features", "linux.memoryPolicy*", "specification 1.3"},
	{"features", "linux.netDevices*", "specification 1.3"},
	{"ps", " array", "no processes at all: runc says null"},
	{"ps", " null", "no processes at all: runc says null"},
	{"events", "data.*.psi*", "runc has them since 1.2"},
	{"events", "data.hugetlb.*", "of a hybrid's unified hierarchy, runc counts nothing"},
	{"events", "*.usage number", "left out when it is 0"},
	{"events", "*.max number", "left out when it is 0"},
	{"events", "*.cache number", "left out when it is 0"},
	{"events", "*.value number", "left out when it is 0"},
	{"events", "*.throttled* number", "left out when it is 0"},
}

// allowed tells whether a difference is known.
func allowed(command, line string) bool {
	for _, d := range apart {
		if known, _ := path.Match(d.line, line); d.command == command && known {
			return true
		}
	}
	return false
}

// compareJSON holds the shape of keg's answer to that of runc's.
func compareJSON(t *testing.T, command, runc, keg string) {
	t.Helper()
	theirs, err := ShapeOf([]byte(runc))
	if err != nil {
		t.Fatalf("runc %s: %v: %s", command, err, runc)
	}
	ours, err := ShapeOf([]byte(keg))
	if err != nil {
		t.Errorf("keg %s: %v: %s", command, err, keg)
		return
	}
	missing, more, ordered := ours.Differences(theirs)
	known := func(line string) bool { return allowed(command, line) }
	missing, more = slices.DeleteFunc(missing, known), slices.DeleteFunc(more, known)
	if len(missing)+len(more) > 0 || !ordered {
		t.Errorf("%s: missing %q, more %q, in order: %v\n%s\nrunc's\n%s", command, missing, more, ordered, keg, runc)
	}
	if strings.Count(keg, "\n") != strings.Count(runc, "\n") && command != "features" && command != "state" {
		t.Errorf("%s: %d lines, with runc %d\n%s\nrunc's\n%s", command, strings.Count(keg, "\n"), strings.Count(runc, "\n"), keg, runc)
	}
}

// TestAnswers compares what is read by programs.
func TestAnswers(t *testing.T) {
	engines.Need(t, "runc")
	for _, tt := range []struct{ status, args string }{
		{"", "features"}, {"created", "state {id}"}, {"running", "state {id}"}, {"paused", "state {id}"}, {"stopped", "state {id}"},
		{"running", "list --format json"}, {"stopped", "list -f json"},
		{"running", "ps --format json {id}"}, {"paused", "ps -f json {id}"}, {"created", "ps -f json {id}"}, {"stopped", "ps -f json {id}"},
		{"running", "events --stats {id}"}, {"paused", "events --stats {id}"},
	} {
		t.Run(strings.ReplaceAll(tt.args+" of "+tt.status, " ", "_"), func(t *testing.T) {
			var out []string
			for _, r := range engines.Runtimes(t) {
				s := newSite(t, r, "sh", "-c", "dd if=/dev/zero of=/dev/null bs=1k count=1000 2>/dev/null; sleep 1000")
				s.bundle.Spec.Annotations = map[string]string{"org.example.b": "2", "org.example.a": "1"}
				s.bundle.Write()
				s.bring(tt.status)
				out = append(out, s.must(strings.Fields(strings.ReplaceAll(tt.args, "{id}", s.id))...).Stdout)
			}
			compareJSON(t, strings.Fields(tt.args)[0], out[0], out[1])
		})
	}
}

// TestTables compares what is read by people, and by awk(1).
func TestTables(t *testing.T) {
	engines.Need(t, "runc")
	for _, args := range []string{"list", "list -q", "ps {id}", "ps {id} -o pid,comm", "ps {id} -ef"} {
		t.Run(strings.ReplaceAll(args, " ", "_"), func(t *testing.T) {
			var out []string
			for _, r := range engines.Runtimes(t) {
				s := newSite(t, r, "sleep", "1000")
				s.bring("running")
				r := s.must(strings.Fields(strings.ReplaceAll(args, "{id}", s.id))...)
				out = append(out, table(s.own(r.Stdout)))
			}
			if out[0] != out[1] {
				t.Errorf("%s\nrunc's\n%s", out[1], out[0])
			}
		})
	}
}

// table is the heading and the number of fields of each line: pids, times and
// the widths of columns differ.
func table(text string) string {
	heading, rows, _ := strings.Cut(text, "\n")
	if !strings.Contains(heading, "PID") {
		return text
	}
	out := strings.Join(strings.Fields(heading), " ")
	for row := range strings.Lines(rows) {
		out += "\n" + strings.Repeat("x ", len(strings.Fields(row)))
	}
	return out
}
