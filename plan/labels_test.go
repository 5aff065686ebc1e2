package plan

import (
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// A label that the machine would not enforce is refused; that nothing confines
// the process where nothing can is what "unconfined" asks for.
func TestLabelsWithoutLSM(t *testing.T) {
	const hint = " (hint: leave it out, or run the container on a machine that has it)"
	for _, tt := range []struct {
		change func(*oci.Spec)
		want   string
	}{
		{func(s *oci.Spec) { s.Process.ApparmorProfile = "docker-default" },
			"process.apparmorProfile: AppArmor is not enabled on this machine, and the profile docker-default would confine nothing" + hint},
		{func(s *oci.Spec) { s.Process.ApparmorProfile = "unconfined" }, ""},
		{func(s *oci.Spec) { s.Process.SelinuxLabel = "l" }, "process.selinuxLabel: SELinux is not enabled on this machine" + hint},
		{func(s *oci.Spec) { s.Linux.MountLabel = "l" }, "linux.mountLabel: SELinux is not enabled on this machine" + hint},
		{func(s *oci.Spec) { s.Annotations = map[string]string{AnnotationContextType: "rootcontext"} }, ""},
		{func(s *oci.Spec) { s.Annotations = map[string]string{AnnotationContextType: "ctx"} },
			`annotations.run.oci.mount_context_type: found "ctx"; allowed: context, fscontext, defcontext, rootcontext`},
		{func(s *oci.Spec) {
			s.Linux.MemoryPolicy = &oci.LinuxMemoryPolicy{Mode: oci.MpolBind, Nodes: "0,65535"}
		}, "linux.memoryPolicy.nodes: 0,65535: no kernel has so many nodes"},
	} {
		in := input(t, "testdata/create/config.json")
		tt.change(in.Spec)
		_, err := Compile(in)
		if message(err) != tt.want {
			t.Errorf("got  %q\nwant %q", message(err), tt.want)
		}
	}
}

// Where AppArmor is, unconfined is a profile like any other.
func TestUnconfined(t *testing.T) {
	in := input(t, "testdata/create/config.json")
	in.Spec.Process.ApparmorProfile, in.Host.AppArmor = "unconfined", true
	p, err := Compile(in)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text(t, p, true), `write(probe, "exec unconfined", 15)`) {
		t.Error("the profile is not set")
	}
}

// A process that joins a container has keg's /proc for its labels, and loses
// what it was given besides: the container's own /proc is never used.
func TestLabelsOfExec(t *testing.T) {
	in := input(t, "testdata/create/config.json")
	in.Spec.Process.ApparmorProfile, in.Host.AppArmor = "docker-default", true
	p, err := CompileJoin(in, Join{Types: 1 << 17})
	if err != nil {
		t.Fatal(err)
	}
	if p.FDs[p.SyncFD+1].Kind != FDProc {
		t.Fatalf("descriptors %+v", p.FDs)
	}
	plan := text(t, p, true)
	for _, call := range []string{"close_range(5, ~0U, 0)", "proc = /proc", "check that statfs.type is PROC_SUPER_MAGIC", `write(probe, "exec docker-default", 19)`} {
		if !strings.Contains(plan, call) {
			t.Errorf("no %s in\n%s", call, plan)
		}
	}
	if strings.Contains(plan, `fsopen("proc"`) || strings.Contains(plan, `"/proc"`) {
		t.Errorf("a procfs of the container's in\n%s", plan)
	}
}

// What a mount option says wins over linux.mountLabel, and quotes are gone
// where an option is passed by itself.
func TestSplitLabels(t *testing.T) {
	for text, want := range map[string]string{
		`size=1m,context="a:b:c:s0:c1,c2",mode=755`: `size=1m context="a:b:c:s0:c1,c2" mode=755`,
		"mpol=bind:0,2,size=1m":                     "mpol=bind:0,2 size=1m",
		`context="a,b"`:                             `context="a,b"`,
	} {
		if got := strings.Join(splitOptions(text), " "); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	for word, want := range map[string]string{
		`context="a,b"`: "context=a,b", `rootcontext="a"`: "rootcontext=a", `lowerdir="a"`: `lowerdir="a"`, "rw": "rw",
	} {
		if got := unquoted(word); got != want {
			t.Errorf("%s: %s, want %s", word, got, want)
		}
	}
}

// A path that is listed twice is covered once, however it is written.
func TestPathsAreCoveredOnce(t *testing.T) {
	in := input(t, "testdata/paths/config.json")
	in.Spec.Linux.MaskedPaths = []string{"/proc/kcore", "/proc//kcore", "/proc/keys", "/proc/kcore/"}
	in.Spec.Linux.ReadonlyPaths = []string{"/proc/bus", "/proc/./bus"}
	p, err := Compile(in)
	if err != nil {
		t.Fatal(err)
	}
	var titles []string
	for _, s := range p.Init {
		if strings.HasPrefix(s.Title, "mask ") || strings.HasSuffix(s.Title, " read-only") && s.Field != "root.readonly" {
			titles = append(titles, s.Field+" "+s.Title)
		}
	}
	want := "linux.readonlyPaths[0] make /proc/bus read-only, linux.maskedPaths[0] mask /proc/kcore, linux.maskedPaths[2] mask /proc/keys"
	if got := strings.Join(titles, ", "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
