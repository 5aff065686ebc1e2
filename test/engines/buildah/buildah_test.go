package buildah

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/keg-project/keg/test/engines"
	"github.com/keg-project/keg/test/engines/apart"
	"github.com/keg-project/keg/test/kegtest"
)

func TestMain(m *testing.M) { kegtest.Main(m) }

const (
	image = "localhost/busybox"
	built = "localhost/built"
	box   = "box" // the working container of scenarios that leave it as it is
)

var (
	within   = engines.Within
	equal    = engines.Equal
	contains = engines.Contains
)

// isolations are those that call the runtime.
var isolations = []string{"oci", "rootless"}

// buildah is one that is configured to use a runtime.
type buildah struct{ *apart.Place }

type scenario = engines.Scenario[*buildah]

func start(account apart.Account) func(testing.TB, engines.Runtime) *buildah {
	return func(t testing.TB, r engines.Runtime) *buildah {
		b := &buildah{apart.New(t, account, r)}
		b.importImage(t)
		b.ok(t, "from", "--name", box, image)
		t.Cleanup(func() {
			b.do(t, "rm", "--all")
			b.do(t, "rmi", "--all", "--force")
		})
		return b
	}
}

// importImage makes the image as a user makes one without a registry: from scratch.
func (b *buildah) importImage(t testing.TB) {
	t.Helper()
	made := b.ok(t, "from", "scratch")
	b.ok(t, "add", made, b.Archive(t), "/")
	b.ok(t, "config", "--env", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", made)
	b.ok(t, "commit", "--rm", made, image)
}

// usersUnified are the scenarios that depend on the hierarchy, systemd or the kernel.
var usersUnified = []string{
	"run: output, standard error, input",
	"run --tty: a terminal, Ctrl-C",
	"run: --cgroupns host",
	"from: --device",
	"bud --isolation=oci: RUN, ENV, WORKDIR, USER, COPY --from",
	"bud: TERM ends RUN, and leaves nothing",
}

// rootsUnified are those of them that are root's.
var rootsUnified = []string{
	"from --userns-uid-map: root is another user",
	"bud --memory: a RUN that is killed for want of it",
	"from --memory, --cpu-quota, --cpu-shares, --cpuset-cpus: in the container's cgroup",
	"bud --cgroup-parent",
}

func TestBuildah(t *testing.T) {
	engines.Need(t, "buildah")
	e := engines.Engine[*buildah]{Name: "buildah", Title: "Buildah 1.28 as root", Start: start(apart.Root)}
	all := slices.Concat(everywhere(), rootOnly)
	e.V2 = engines.Named(t, all, slices.Concat(usersUnified, rootsUnified))
	e.Run(t, all)
}

func TestRootlessBuildah(t *testing.T) {
	engines.Need(t, "buildah", "newuidmap")
	e := engines.Engine[*buildah]{Name: "buildah-rootless", Title: "Buildah 1.28 as an ordinary user", Start: start(apart.User(t))}
	e.V2 = engines.Named(t, everywhere(), usersUnified)
	e.Run(t, everywhere())
}

// everywhere is what root and an ordinary user can do.
func everywhere() []scenario {
	list := slices.Clone(running)
	for _, isolation := range isolations {
		list = append(list, building(isolation)...)
	}
	return slices.Concat(list, interrupting, optionRows(), fromRows, buildRows)
}

// args are a command's with the place's storage; a network of their own, which
// Buildah makes with programs that need more than a test may have, is not for
// containers that do not ask for one.
func (b *buildah) args(args []string) []string {
	hasNetwork := func(s string) bool { return strings.HasPrefix(s, "--network") }
	if (args[0] == "run" || args[0] == "bud") && !slices.ContainsFunc(args, hasNetwork) {
		args = slices.Insert(slices.Clone(args), 1, "--network", "none")
	}
	return append([]string{"--root", b.Path("storage"), "--runroot", b.Path("run")}, args...)
}

func (b *buildah) command(args ...string) *exec.Cmd { return b.Command("buildah", b.args(args)...) }

// do runs a buildah command.
func (b *buildah) do(t testing.TB, args ...string) kegtest.Result {
	t.Helper()
	return kegtest.Finish(t, b.command(args...))
}

// ok is what a command printed, which has to succeed.
func (b *buildah) ok(t testing.TB, args ...string) string {
	t.Helper()
	r := b.do(t, args...)
	if r.Code != 0 {
		t.Fatalf("buildah %s: exit status %d\n%s%s", strings.Join(args, " "), r.Code, r.Stdout, r.Stderr)
	}
	return strings.TrimSpace(r.Stdout)
}

// from makes a working container, which lasts until the scenario's end.
func (b *buildah) from(t testing.TB, flags ...string) string {
	t.Helper()
	name := b.ok(t, append(append([]string{"from"}, flags...), image)...)
	t.Cleanup(func() { b.do(t, "rm", name) })
	return name
}

// prints checks all that a user sees of `buildah run`.
func (b *buildah) prints(t testing.TB, want, name, script string, flags ...string) {
	t.Helper()
	args := append([]string{"run"}, flags...)
	r := b.do(t, append(args, name, "--", "sh", "-c", script)...)
	equal(t, "output", r, kegtest.Result{Stdout: want})
}

// builds are the arguments that build from a Containerfile in a context of its own.
func (b *buildah) builds(t testing.TB, containerfile string, flags ...string) []string {
	t.Helper()
	b.Write(t, "context/Containerfile", containerfile)
	b.Write(t, "context/file", "from the context\n")
	t.Cleanup(func() { b.do(t, "rmi", "--force", built) })
	return append(append([]string{"bud", "--tag", built}, flags...), b.Path("context"))
}

func (b *buildah) bud(t testing.TB, containerfile string, flags ...string) kegtest.Result {
	t.Helper()
	return b.do(t, b.builds(t, containerfile, flags...)...)
}

// lines are those that RUN's programs have printed: they begin with "> ", and
// none of Buildah's own does.
func lines(r kegtest.Result) string {
	var out strings.Builder
	for line := range strings.Lines(r.Stdout) {
		if text, ok := strings.CutPrefix(line, "> "); ok {
			out.WriteString(text)
		}
	}
	return out.String()
}
