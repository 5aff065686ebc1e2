package resources

import (
	"encoding/json"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// controllers are all that a machine can have.
const controllers = "cpu cpuset memory pids"

func factsOf(version int) Facts {
	if version == 1 {
		return Facts{V1: strings.Fields(controllers)}
	}
	return Facts{V2: strings.Fields(controllers), Unified: true}
}

// row is a configuration and what comes of it: FILE=VALUE for each write, "?"
// behind an optional one; then errors and warnings, a line each.
type row struct {
	json   string
	v1, v2 string
}

func check(t *testing.T, rows []row) {
	t.Helper()
	for _, r := range rows {
		for version, want := range map[int]string{1: r.v1, 2: r.v2} {
			if got := compiled(t, r.json, factsOf(version)); got != want {
				t.Errorf("%s on v%d\ngot  %s\nwant %s", r.json, version, got, want)
			}
		}
	}
}

func compiled(t *testing.T, text string, f Facts) string {
	t.Helper()
	var r oci.LinuxResources
	if err := json.Unmarshal([]byte("{"+text+"}"), &r); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	limits, err := Compile(&r, f)
	var out []string
	for _, w := range limits.Writes {
		s := w.File + "=" + w.Value
		if w.Optional {
			s += "?"
		}
		if w.Keep {
			s += " keep"
		}
		if w.NotBelow != "" {
			s += " not below " + w.NotBelow
		}
		if !strings.HasPrefix(w.Field, "linux.resources.") || w.Controller == "" {
			t.Errorf("%s: %+v", text, w)
		}
		out = append(out, s)
	}
	if err != nil {
		out = append(out, "error "+strings.ReplaceAll(err.Error(), "linux.resources.", ""))
	}
	for _, w := range limits.Warnings {
		out = append(out, "warning "+strings.ReplaceAll(w, "linux.resources.", ""))
	}
	return strings.Join(out, "\n")
}

func TestNothing(t *testing.T) {
	check(t, []row{
		{"", "", ""},
		{`"memory": {}, "cpu": {}, "pids": {}`, "", ""},
		// What engines write where nothing was asked for.
		{`"memory": {"limit": 0, "swap": 0, "reservation": 0, "kernel": 0, "kernelTCP": 0, "useHierarchy": true},
		  "cpu": {"shares": 0, "quota": 0, "period": 0, "realtimeRuntime": 0, "realtimePeriod": 0, "cpus": "", "mems": ""}`, "", ""},
	})
}

// Without a controller what is the kernel's default anyway can be asked for,
// and every limit is an error of its own.
func TestNoController(t *testing.T) {
	for _, r := range []struct{ json, want string }{
		{`"memory": {"limit": -1, "swap": -1, "kernelTCP": -1, "disableOOMKiller": false, "useHierarchy": true},
		  "cpu": {"quota": -1, "burst": 0, "idle": 0}`, ""},
		{`"memory": {"limit": 4096, "reservation": 4096, "disableOOMKiller": true}, "cpu": {"shares": 2, "quota": 1000, "period": 2000, "cpus": "0"}`,
			`error memory.limit: the controller memory is not available here
memory.reservation: the controller memory is not available here
memory.disableOOMKiller: the controller memory is not available here
cpu.shares: the controller cpu is not available here
cpu.quota: the controller cpu is not available here
cpu.cpus: the controller cpuset is not available here`},
	} {
		if got := compiled(t, r.json, Facts{Unified: true}); got != r.want {
			t.Errorf("%s\ngot  %s\nwant %s", r.json, got, r.want)
		}
	}
}

// In a hybrid layout each controller speaks its own dialect.
func TestHybrid(t *testing.T) {
	f := Facts{V1: []string{"memory"}, V2: []string{"cpu"}}
	got := compiled(t, `"memory": {"limit": 4096}, "cpu": {"quota": 1000}`, f)
	if want := "memory.limit_in_bytes=4096\ncpu.max=1000"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
