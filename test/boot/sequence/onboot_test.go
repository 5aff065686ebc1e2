package sequence

import (
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// nothing is what left prints of a machine on which nothing is left.
const nothing = "0\n0\n0\n0\n"

// One after another, each with its own root: what one writes there is gone, what
// it writes to the machine the next one finds.
func TestOnboot(t *testing.T) {
	m := newMachine(t)
	m.add("000-first", bundle{script: "echo out; echo err >&2; echo first >/run/order; touch /own"})
	m.add("001-second", bundle{script: "echo second >>/run/order; touch /x 2>/dev/null || echo read-only; exit 3", readonly: true})
	m.add("002-third", bundle{script: "cat /run/order; ls /own 2>/dev/null; kill -9 $$", change: hostPids})
	r := m.run("boot onboot")
	want := `out
err
read-only
first
second
CONTAINER STATUS TIME
000-first 0
001-second 3
002-third 137 (signal 9)
`
	if out := m.table(r.Stdout); r.Code != 0 || out != want {
		t.Errorf("exit status %d\n%s%s", r.Code, out, r.Stderr)
	}
}

func TestLeavesNothing(t *testing.T) {
	m := newMachine(t)
	m.add("000-rw", bundle{script: "touch /own", runtime: runtime{"mounts": []any{mount("tmpfs", "tmpfs", "data"), mount("tmpfs", "tmpfs", "data/deeper")}}})
	m.add("001-ro", bundle{script: "true", readonly: true})
	if out := m.output("boot onboot >/dev/null && left; boot onboot >/dev/null && left"); out != nothing+nothing {
		t.Errorf("%s", out)
	}
}

func ids(results []result) string {
	var b strings.Builder
	for _, r := range results {
		switch {
		case r.Skipped:
			b.WriteString(r.Name + "=skipped ")
		case r.ExitStatus == nil:
			b.WriteString(r.Name + "=failed ")
		default:
			b.WriteString(r.Name + "=" + string(rune('0'+*r.ExitStatus)) + " ")
		}
	}
	return strings.TrimSpace(b.String())
}

func TestMissingProgram(t *testing.T) {
	m := newMachine(t)
	m.add("000-none", bundle{change: func(s *oci.Spec) { s.Process.Args = []string{"/none"} }})
	m.add("001-after", bundle{script: "exit 2"})
	results, r := m.results("boot onboot --json; status=$?; left >&2; exit $status")
	if r.Code != 1 || ids(results) != "000-none=failed 001-after=2" || !strings.HasSuffix(r.Stderr, nothing) {
		t.Errorf("%d %v %s", r.Code, results, r.Stderr)
	}
	if want := "onboot/000-none: create: "; !strings.HasPrefix(results[0].Error, want) || !strings.Contains(results[0].Error, "no such file") {
		t.Errorf("%q", results[0].Error)
	}
}
