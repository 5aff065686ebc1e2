package imports

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// The interpreter and the system call numbers exist once per architecture, and
// so may imports.
func TestImports(t *testing.T) {
	for _, arch := range []string{"amd64", "arm64"} {
		t.Run(arch, func(t *testing.T) {
			packages := list(t, arch)
			if len(packages) < 5 {
				t.Fatalf("go list found only %d packages", len(packages))
			}
			for _, sentence := range append(check(packages), unused(packages)...) {
				t.Error(sentence)
			}
		})
	}
}

func list(t *testing.T, arch string) []goPackage {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Name,Imports,Deps", "./...")
	cmd.Dir = "../.."
	cmd.Env = append(os.Environ(), "GOARCH="+arch, "CGO_ENABLED=0")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.Bytes())
	}
	var packages []goPackage
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p goPackage
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}

// Each kind of violation is found, and what is allowed is not.
func TestCheck(t *testing.T) {
	tests := []struct {
		pkg, dep string
		want     string // part of the only sentence; "" for none
	}{
		{"plan", module + "spec", ""},
		{"plan", module + "launch", "plan imports launch: plan is a pure function"},
		{"initvm", module + "container", "initvm imports container: the interpreter"},
		{"launch", module + "spec", "launch imports spec: launch carries out a plan"},
		{"state", module + "plan", "state imports plan"},
		{"container", module + "cmd/keg", "container imports cmd/keg"},
		{"container", module + "test/style", "container imports test/style"},
		{"linux", "golang.org/x/sys/unix", ""},
		{"launch", "golang.org/x/sys/unix", "add a wrapper to linux"},
		{"box", "github.com/opencontainers/runtime-spec/specs-go", ""},
		{"state", "github.com/opencontainers/runtime-spec/specs-go", "no need of the specification's types"},
		{"box", "example.com/new", "a module without a row"},
		{"spec", "os", "spec imports os: this package is pure"},
		{"plan", "os/exec", "this package is pure"},
		{"plan", "strings", ""},
		{"state", "os", ""},
		{"state", "encoding/json", "cost more at a cold start"},
		{"spec", "encoding/json", ""},
		{"spec", "regexp", "cost more at a cold start"},
		{"launch", "net/netip", "cost more at a cold start"},
		{"box", "encoding/json", ""},
		{"box", "plugin", "one static binary"},
		{"newcomer", "fmt", "newcomer has no row"},
		{"test/bench", "golang.org/x/sys/unix", ""},
	}
	for _, tt := range tests {
		t.Run(tt.pkg+" "+tt.dep, func(t *testing.T) {
			got := strings.Join(check([]goPackage{{ImportPath: module + tt.pkg, Imports: []string{tt.dep}}}), "\n")
			if got == "" != (tt.want == "") || !strings.Contains(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestCheckGenerator(t *testing.T) {
	p := goPackage{ImportPath: module + "jsonscan/gen", Name: "main", Imports: []string{"os"}}
	if got := check([]goPackage{p}); len(got) != 0 {
		t.Errorf("a generator: got %q", got)
	}
	p.Name = "gen"
	if got := check([]goPackage{p}); len(got) != 1 {
		t.Errorf("a library: got %q", got)
	}
}

func TestCheckLinked(t *testing.T) {
	got := check([]goPackage{{ImportPath: module + "cmd/keg", Deps: []string{"fmt", "net/http"}}})
	if len(got) != 1 || !strings.Contains(got[0], "cmd/keg links net/http: keg fetches no images") {
		t.Errorf("got %q", got)
	}
}

// What nobody takes any more is found in each of the tables.
func TestUnused(t *testing.T) {
	packages := list(t, "amd64")
	if got := unused(packages); len(got) != 0 {
		t.Fatalf("all packages: %q", got)
	}
	for _, tt := range []struct{ pkg, dep, want string }{
		{"spec", "cpulist", "spec does not import cpulist"},
		{"linux", "golang.org/x/sys/unix", "linux does not import golang.org/x/sys/"},
		{"systemd", "net", "systemd does not import net"},
	} {
		var without []goPackage
		for _, p := range packages {
			if p.ImportPath == module+tt.pkg {
				p.Imports = slices.DeleteFunc(slices.Clone(p.Imports), func(path string) bool { return strings.TrimPrefix(path, module) == tt.dep })
			}
			without = append(without, p)
		}
		if got := unused(without); len(got) != 1 || !strings.Contains(got[0], tt.want) {
			t.Errorf("without %s in %s: %q", tt.dep, tt.pkg, got)
		}
	}
}

// An arrow that points up, or in a circle, could be written into the table.
func TestArrowsPointDown(t *testing.T) {
	level := map[string]int{}
	for i, a := range arrows {
		level[a.pkg] = i
	}
	for _, a := range arrows {
		for _, dep := range a.may {
			if at, ok := level[dep]; !ok || at >= level[a.pkg] {
				t.Errorf("%s may import %s, which is not above it in the table", a.pkg, dep)
			}
		}
	}
}
