package seccomp

import (
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/seccomp"
)

// A filter takes fewer instructions per call than libseccomp's binary tree,
// for what real programs call (testdata/mix.txt).
func TestInstructions(t *testing.T) {
	for _, engine := range []string{"docker", "podman"} {
		p := profileOf(t, engine)
		f, err := seccomp.Compile(p, seccomp.Options{Arch: "amd64"})
		if err != nil {
			t.Fatal(err)
		}
		ours := average(t, f.Code)
		for _, tree := range []bool{true, false} {
			code, err := Compile(p, oci.ArchX86_64, tree)
			if err != nil {
				t.Fatal(err)
			}
			theirs := average(t, code)
			t.Logf("%s: %.1f of %d, libseccomp (binary tree: %v) %.1f of %d", engine, ours, len(f.Code), tree, theirs, len(code))
			if ours > theirs*0.7 {
				t.Errorf("%s: %.1f instructions per call, libseccomp %.1f", engine, ours, theirs)
			}
		}
	}
}

func profileOf(t *testing.T, engine string) *oci.LinuxSeccomp {
	t.Helper()
	text, err := os.ReadFile("../../spec/testdata/" + engine + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var s oci.Spec
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	return s.Linux.Seccomp
}

func average(t *testing.T, code []seccomp.Instruction) float64 {
	t.Helper()
	mix, err := os.ReadFile("testdata/mix.txt")
	if err != nil {
		t.Fatal(err)
	}
	calls, instructions := 0, 0
	for line := range strings.Lines(string(mix)) {
		name, number, _ := strings.Cut(strings.TrimSpace(line), " ")
		count, err := strconv.Atoi(number)
		if strings.HasPrefix(line, "#") {
			continue
		}
		nr := Number(oci.ArchX86_64, name)
		if err != nil || nr < 0 {
			t.Fatalf("%q: %v", line, err)
		}
		_, n, err := seccomp.Run(code, &seccomp.Data{Nr: uint32(nr), Arch: seccomp.AuditX86_64})
		if err != nil {
			t.Fatal(err)
		}
		calls, instructions = calls+count, instructions+n*count
	}
	return float64(instructions) / float64(calls)
}
