package seccomp

import (
	"encoding/json"
	"os"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// profileOf is the profile of one of the engines' configurations.
func profileOf(t testing.TB, engine string) *oci.LinuxSeccomp {
	t.Helper()
	text, err := os.ReadFile("../spec/testdata/" + engine + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var s oci.Spec
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	return s.Linux.Seccomp
}

func BenchmarkDocker(b *testing.B) {
	p := profileOf(b, "docker")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Compile(p, Options{Arch: "amd64"}); err != nil {
			b.Fatal(err)
		}
	}
}
