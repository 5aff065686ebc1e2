package containerd

import (
	"os"
	"strings"
	"testing"
)

// refusals are errors of the runtime's, which must reach the user whole.
var refusals = []scenario{
	{Name: "a program that is missing", Run: func(t testing.TB, d *daemon) {
		contains(t, "error", d.refuses(t, nil, "no-such-program"), "no-such-program", "executable file not found in $PATH")
		contains(t, "error", d.refuses(t, nil, "/no/such/program"), "/no/such/program", "no such file or directory")
	}},
	{Name: "a program that is none", Run: func(t testing.TB, d *daemon) {
		contains(t, "error", d.refuses(t, nil, "/etc/passwd"), "/etc/passwd", "permission denied")
		contains(t, "error", d.refuses(t, nil, "/data"), "/data")
	}},
	{Name: "a working directory that is none", Run: func(t testing.TB, d *daemon) {
		contains(t, "error", d.refuses(t, []string{"--cwd", "/etc/passwd"}, "true"), "/etc/passwd", "not a directory")
	}},
	{Name: "a mount whose source is missing", Run: func(t testing.TB, d *daemon) {
		contains(t, "error", d.refuses(t, []string{"--mount", "type=bind,src=/no/such/source,dst=/mnt,options=rbind:rw"}, "true"), "/no/such/source", "no such file or directory")
	}},
	{Name: "a mount on a file's child", Run: func(t testing.TB, d *daemon) {
		contains(t, "error", d.refuses(t, []string{"--mount", "type=tmpfs,src=tmpfs,dst=/etc/passwd/mnt,options=rw"}, "true"), "/etc/passwd", "not a directory")
	}},
	{Name: "a mount option that does not exist", Run: func(t testing.TB, d *daemon) {
		contains(t, "error", d.refuses(t, []string{"--mount", "type=tmpfs,src=tmpfs,dst=/mnt,options=nonsense=1"}, "true"), "/mnt", "invalid argument")
	}},
	{Name: "a seccomp profile that is wrong", Run: func(t testing.TB, d *daemon) {
		file := d.file("wrong.json")
		write(t, file, `{"defaultAction": "SCMP_ACT_NONSENSE"}`)
		contains(t, "error", d.refuses(t, []string{"--seccomp", "--seccomp-profile", file}, "true"), "SCMP_ACT_NONSENSE")
	}},
	{Name: "a namespace that is gone", Run: func(t testing.TB, d *daemon) {
		contains(t, "error", d.refuses(t, []string{"--with-ns", "network:/no/such/namespace"}, "true"), "/no/such/namespace", "no such file or directory")
	}},
	{Name: "checkpoint without CRIU: an error, and the container goes on", Run: func(t testing.TB, d *daemon) {
		d.keepsOn(t, "criu")
	}},
	{Name: "checkpoint of what CRIU cannot save: its error, and the container goes on", Run: func(t testing.TB, d *daemon) {
		if err := os.Symlink("../criu", d.file("bin/criu")); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.Remove(d.file("bin/criu")) })
		d.keepsOn(t, "CRIU", "--mount", "type=ramfs,src=ramfs,dst=/ram,options=rw")
	}},
	{Name: "a root that is no directory", Run: func(t testing.TB, d *daemon) {
		root := d.directory(t)
		if err := os.Remove(root); err != nil {
			t.Fatal(err)
		}
		args := append([]string{"run", "--rm", "--rootfs"}, d.binary()...)
		contains(t, "error", d.status(t, 1, append(args, root, d.name(t), "true")...).Stderr, root, "no such file or directory")
	}},
	{Name: "a runtime that is missing", Run: func(t testing.TB, d *daemon) {
		r := d.status(t, 1, "run", "--rm", "--runc-binary", "/no/such/runtime", image, d.name(t), "true")
		contains(t, "error", r.Stderr, "/no/such/runtime", "no such file or directory")
	}},
}

// refuses is the error of a container that cannot be: the runtime's own words come
// after the engine's, on one line, and nothing is left of it.
func (d *daemon) refuses(t testing.TB, flags []string, words ...string) string {
	t.Helper()
	id := d.name(t)
	args := append(append([]string{"run", "--rm"}, d.binary()...), flags...)
	r := d.status(t, 1, append(append(args, image, id), words...)...)
	equal(t, "stdout", r.Stdout, "")
	_, message, ok := strings.Cut(r.Stderr, "OCI runtime create failed: ")
	if !ok {
		t.Errorf("it is not the runtime that refuses: %s", r.Stderr)
	}
	until(t, "", func() string { return strings.Join(d.traces(t, id), "\n") })
	return strings.TrimSpace(message)
}

// keepsOn is a container whose checkpoint fails, with a word of the reason.
func (d *daemon) keepsOn(t testing.TB, reason string, flags ...string) {
	t.Helper()
	id := d.sleeper(t, flags...)
	r := d.status(t, 1, "tasks", "checkpoint", "--image-path", d.directory(t), id)
	contains(t, "error", strings.ToUpper(r.Stderr), strings.ToUpper(reason))
	equal(t, "state", d.state(t, id), "RUNNING")
	equal(t, "exec", d.exec(t, id, "echo hi"), "hi")
}
