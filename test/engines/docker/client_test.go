package docker

import (
	"archive/tar"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/keg-project/keg/test/kegtest"
)

const image = "busybox"

// patience is for what is sure to come.
var patience = map[bool]time.Duration{false: time.Minute, true: 5 * time.Minute}[kegtest.Slow()]

// environment is the client's: of this machine's configuration it takes nothing.
func (d *daemon) environment() []string {
	return []string{"DOCKER_HOST=unix://" + d.dir + "/socket", "DOCKER_CONFIG=" + d.dir + "/config", "DOCKER_BUILDKIT=0"}
}

func (d *daemon) command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), d.environment()...)
	return cmd
}

// docker is the client, run to its end.
func (d *daemon) docker(t testing.TB, args ...string) kegtest.Result {
	t.Helper()
	return kegtest.Finish(t, d.command(client, args...))
}

// ok is what the client prints when it succeeds.
func (d *daemon) ok(t testing.TB, args ...string) string {
	t.Helper()
	return d.status(t, 0, args...).Stdout
}

// status is what the client prints when it ends so.
func (d *daemon) status(t testing.TB, want int, args ...string) kegtest.Result {
	t.Helper()
	r := d.docker(t, args...)
	r.Stdout = strings.TrimSuffix(r.Stdout, "\n")
	if r.Code != want {
		said, _, _ := strings.Cut(r.Stderr, "\ntime=") // the client's log comes after
		t.Fatalf("docker %s: exit status %d, want %d\n%s%s", strings.Join(args, " "), r.Code, want, r.Stdout, said)
	}
	return r
}

// prints checks what a command of the client prints, but for the last newline.
func (d *daemon) prints(t testing.TB, want string, args ...string) {
	t.Helper()
	equal(t, strings.Join(args, " "), d.ok(t, args...), want)
}

// run is the output of a short-lived container: flags, "--", a shell script.
func (d *daemon) run(t testing.TB, script string, flags ...string) string {
	t.Helper()
	return d.ok(t, command("run --rm", flags, script)...)
}

// command is a command line of the client with a script for a container.
func command(verb string, flags []string, script string) []string {
	args := append(strings.Fields(verb), flags...)
	return append(args, image, "sh", "-c", script)
}

// detached is the name of a container that goes on by itself.
func (d *daemon) detached(t testing.TB, script string, flags ...string) string {
	t.Helper()
	name := d.name(t)
	d.ok(t, command("run -d --name "+name, flags, script)...)
	return name
}

// name is for a container, which is gone after the scenario.
func (d *daemon) name(t testing.TB) string {
	d.names++
	name := "c" + strconv.Itoa(d.names)
	t.Cleanup(func() { d.docker(t, "rm", "-fv", name) })
	return name
}

// inspect is a field of a container.
func (d *daemon) inspect(t testing.TB, container, field string) string {
	t.Helper()
	return d.ok(t, "inspect", "-f", "{{"+field+"}}", container)
}

// waitFor waits until a field of a container has a value.
func (d *daemon) waitFor(t testing.TB, container, field, want string) {
	t.Helper()
	until(t, want, func() string { return d.inspect(t, container, field) })
}

// says waits until the container has printed it.
func (d *daemon) says(t testing.TB, container, want string) {
	t.Helper()
	until(t, want, func() string { return d.ok(t, "logs", container) })
}

// screen shows what the client does on a terminal of 33 by 77.
func (d *daemon) screen(t testing.TB, args string) *kegtest.Terminal {
	t.Helper()
	script := fmt.Sprintf("stty rows 33 cols 77; env %s %s %s", strings.Join(d.environment(), " "), client, args)
	return kegtest.OnTerminal(t, "bash", "-c", script)
}

// applets are busybox's that kegtest.Populate has no use for.
var applets = []string{"httpd", "wget", "nc", "nslookup", "tty", "stty"}

// importImage makes the image: there is no registry.
func (d *daemon) importImage(t testing.TB) {
	t.Helper()
	root := kegtest.Rootfs(t)
	for _, a := range applets {
		if err := os.Symlink("busybox", filepath.Join(root, "bin", a)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(filepath.Join(root, "tmp"), 0o777|os.ModeSticky); err != nil {
		t.Fatal(err)
	}
	archive := filepath.Join(d.dir, "image.tar")
	var packed bytes.Buffer
	w := tar.NewWriter(&packed)
	if err := w.AddFS(os.DirFS(root)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	write(t, archive, packed.String())
	d.ok(t, "import", "--change", "CMD [\"sh\"]", archive, image)
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func equal(t testing.TB, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

func contains(t testing.TB, what, got string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(got, w) {
			t.Errorf("%s: no %q in %q", what, w, got)
		}
	}
}

// until waits for it.
func until(t testing.TB, want string, look func() string) {
	t.Helper()
	var got string
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if got = look(); got == want {
			return
		}
	}
	t.Fatalf("it is %q, and never %q", got, want)
}

func content(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
