package docker

import (
	"archive/tar"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

func commit(t testing.TB, d *daemon) {
	c := d.Name(t)
	d.OK(t, command("run --network none --name "+c, nil, "echo changed >/etc/new; rm /etc/group")...)
	equal(t, "diff", sorted(d.OK(t, "diff", c)), "A /etc/new, C /etc, D /etc/group")
	t.Cleanup(func() { d.Docker(t, "rmi", "-f", "committed") })
	d.OK(t, "commit", "--change", "CMD cat /etc/new", c, "committed")
	d.Prints(t, "changed", "run", "--rm", "--network", "none", "committed")
	file := filepath.Join(kegtest.TempDir(t), "export.tar")
	d.OK(t, "export", "-o", file, c)
	equal(t, "in the export", member(t, file, "etc/new"), "changed\n")
}

func sorted(lines string) string {
	return strings.Join(slices.Sorted(strings.SplitSeq(lines, "\n")), ", ")
}

// member is the content of a file in an archive.
func member(t testing.TB, archive, name string) string {
	t.Helper()
	f, err := os.Open(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for r := tar.NewReader(f); ; {
		h, err := r.Next()
		if err != nil {
			t.Fatalf("%s: %s: %v", archive, name, err)
		}
		if h.Name == name {
			text, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			return string(text)
		}
	}
}

const stages = `FROM busybox AS one
ARG WHAT
RUN echo "built with $WHAT" >/data/made && chown 1000:1000 /data/made
FROM busybox
COPY --from=one /data/made /made
COPY file /copied
USER user
WORKDIR /home/user
RUN touch /made && id -u >/tmp/who
ENTRYPOINT ["cat"]
CMD ["/made", "/copied", "/tmp/who"]
`

// buildContext is a directory to build in.
func buildContext(t testing.TB, dockerfile string) string {
	t.Helper()
	dir := kegtest.TempDir(t)
	write(t, filepath.Join(dir, "Dockerfile"), dockerfile)
	write(t, filepath.Join(dir, "file"), "from the context\n")
	return dir
}

func build(t testing.TB, d *daemon) {
	t.Cleanup(func() {
		d.Docker(t, "rmi", "-f", "made")
		d.Docker(t, "image", "prune", "-f")
	})
	d.OK(t, "build", "--force-rm", "--build-arg", "WHAT=care", "--network", "none", "-t", "made", buildContext(t, stages))
	d.Prints(t, "built with care\nfrom the context\n1000", "run", "--rm", "--network", "none", "made")
}

func buildFails(t testing.TB, d *daemon) {
	t.Cleanup(func() { d.Docker(t, "image", "prune", "-f") })
	r := d.Docker(t, "build", "--force-rm", "--network", "none", buildContext(t, "FROM busybox\nRUN echo said; exit 7\n"))
	contains(t, "build", say(r), "said", "returned a non-zero code: 7")
	r = d.Docker(t, "build", "--force-rm", "--network", "none", buildContext(t, "FROM busybox\nRUN [\"nosuch\"]\n"))
	contains(t, "build", say(r), "nosuch", "executable file not found in $PATH")
}

const composition = `version: "2.4"
services:
  web:
    image: busybox
    command: sh -c "hostname >/www/index.html; exec httpd -f -h /www"
    hostname: server
    volumes: [www:/www]
    mem_limit: 100m
    healthcheck: {test: wget -qO- http://127.0.0.1/, interval: 0.2s}
  client:
    image: busybox
    command: sh -c "wget -qO- http://web/; exec sleep 1000"
    depends_on: {web: {condition: service_healthy}}
    init: true
volumes: {www: {}}
`

func compose(t testing.TB, d *daemon) {
	file := filepath.Join(kegtest.TempDir(t), "docker-compose.yml")
	write(t, file, composition)
	compose := func(args ...string) string {
		t.Helper()
		r := kegtest.Finish(t, d.Command("docker-compose", append([]string{"-f", file, "-p", "composed"}, args...)...))
		if r.Code != 0 {
			t.Fatalf("docker-compose %v: exit status %d\n%s%s", args, r.Code, r.Stdout, r.Stderr)
		}
		return r.Stdout
	}
	t.Cleanup(func() { compose("down", "-v", "-t", "0") })
	compose("up", "-d")
	until(t, "server", func() string { return d.OK(t, "logs", "composed_client_1") })
	equal(t, "exec", compose("exec", "-T", "web", "cat", "/www/index.html"), "server\n")
	equal(t, "limit", d.memoryLimit(t, "composed_web_1"), "104857600")
	contains(t, "logs", compose("logs", "--no-color", "client"), "client_1", "| server")
	contains(t, "ps", compose("ps"), "composed_web_1", "Up (healthy)")
	compose("restart", "-t", "0", "client")
	compose("down", "-v", "-t", "0")
	d.Prints(t, "", "ps", "-aq")
}
