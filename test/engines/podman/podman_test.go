package podman

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/keg-project/keg/test/engines"
	"github.com/keg-project/keg/test/engines/apart"
	"github.com/keg-project/keg/test/kegtest"
)

func TestMain(m *testing.M) { kegtest.Main(m) }

const image = "localhost/busybox"

var (
	within   = engines.Within
	equal    = engines.Equal
	contains = engines.Contains
)

// podman is one that is configured to use a runtime.
type podman struct{ *apart.Place }

type scenario = engines.Scenario[*podman]

// in is a place with the image in it.
func in(t testing.TB, place *apart.Place) *podman {
	p := &podman{place}
	p.ok(t, "import", "--change", "ENV=PATH=/usr/sbin:/usr/bin:/sbin:/bin", p.Archive(t), image)
	t.Cleanup(func() { p.do(t, "rm", "--all", "--force", "--time", "0") })
	return p
}

func start(account apart.Account) func(testing.TB, engines.Runtime) *podman {
	return func(t testing.TB, r engines.Runtime) *podman { return in(t, apart.New(t, account, r)) }
}

func TestPodman(t *testing.T) {
	engines.Need(t, "podman", "conmon")
	all := join(everywhere(), rootOnly(), last())
	e := engines.Engine[*podman]{Name: "podman", Title: "Podman 4.3 as root", Start: start(apart.Root)}
	e.V2 = engines.Named(t, all, rootsUnified)
	e.Run(t, all)
}

func TestRootlessPodman(t *testing.T) {
	engines.Need(t, "podman", "conmon", "newuidmap")
	e := engines.Engine[*podman]{Name: "podman-rootless", Title: "Podman 4.3 as an ordinary user", Start: start(apart.User(t))}
	e.V2 = engines.Named(t, join(everywhere(), limiting(), userOnly()), usersUnified)
	e.Run(t, join(everywhere(), userOnly(), last()))
}

func join(lists ...[]scenario) (all []scenario) {
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

// everywhere is what root and an ordinary user can do.
func everywhere() []scenario {
	return join(running(), executing(), living(), observing(), optionRows(), volumes(), descriptors(), pods(), building())
}

// rootOnly is what Podman has for root: an ordinary user has no cgroups of v1.
func rootOnly() []scenario {
	return join(limiting(), rootsUsers(), bridges(), rootsDevices(), rootsHooks(), withoutCgroups())
}

func userOnly() []scenario {
	return join(usersUsers(), usersNetworks())
}

func (p *podman) args(args []string) []string {
	globals := []string{"--root", p.Path("storage"), "--runroot", p.Path("run"), "--tmpdir", p.Path("tmp/libpod")}
	return append(globals, args...)
}

func (p *podman) command(args ...string) *exec.Cmd { return p.Command("podman", p.args(args)...) }

// do runs a podman command.
func (p *podman) do(t testing.TB, args ...string) kegtest.Result {
	t.Helper()
	return p.Do(t, "podman", p.args(args)...)
}

// ok is what a command printed, which has to succeed.
func (p *podman) ok(t testing.TB, args ...string) string {
	t.Helper()
	r := p.do(t, args...)
	if r.Code != 0 {
		t.Fatalf("podman %s: exit status %d\n%s%s", strings.Join(args, " "), r.Code, r.Stdout, r.Stderr)
	}
	return strings.TrimSpace(r.Stdout)
}

// sh runs a script in a new container, with flags of podman run.
func (p *podman) sh(t testing.TB, script string, flags ...string) kegtest.Result {
	t.Helper()
	args := append([]string{"run", "--rm"}, flags...)
	return p.do(t, append(args, image, "sh", "-c", script)...)
}

// prints checks all that a container's user sees of it.
func (p *podman) prints(t testing.TB, want, script string, flags ...string) {
	t.Helper()
	if r := p.sh(t, script, flags...); r.Code != 0 || r.Stdout != want || r.Stderr != "" {
		t.Errorf("exit status %d, printed %q, %q, want %q", r.Code, r.Stdout, r.Stderr, want)
	}
}

// background runs a script in a container of that name until the scenario ends.
func (p *podman) background(t testing.TB, name, script string, flags ...string) {
	t.Helper()
	t.Cleanup(func() { p.do(t, "rm", "--force", "--time", "0", name) })
	args := append([]string{"run", "--detach", "--name", name}, flags...)
	p.ok(t, append(args, image, "sh", "-c", script)...)
}

// inspect is what podman knows of a container.
func (p *podman) inspect(t testing.TB, name, format string) string {
	t.Helper()
	return p.ok(t, "inspect", "--format", format, name)
}

func matches(t testing.TB, what, text, pattern string) {
	t.Helper()
	if !regexp.MustCompile(pattern).MatchString(text) {
		t.Errorf("%s: nothing like %s in\n%s", what, pattern, text)
	}
}
