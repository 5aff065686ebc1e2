package podman

import (
	"strings"
	"testing"
)

func building() []scenario {
	return []scenario{
		{Name: "build: RUN, COPY, ENV, USER, WORKDIR", Run: build},
		{Name: "build: a failing RUN", Run: buildFails},
		{Name: "build: RUN --mount=type=bind, tmpfs, cache", Run: buildMounts},
	}
}

// build builds from a Containerfile in a context of its own.
func (p *podman) build(t testing.TB, name, containerfile string, flags ...string) (code int, output, errors string) {
	t.Helper()
	p.Write(t, "context/Containerfile", containerfile)
	p.Write(t, "context/file", "from the context\n")
	t.Cleanup(func() { p.do(t, "rmi", "--force", name) })
	args := append([]string{"build", "--isolation", "oci", "--network", "none", "--tag", name}, flags...)
	r := p.do(t, append(args, p.Path("context"))...)
	return r.Code, r.Stdout, r.Stderr
}

func build(t testing.TB, p *podman) {
	code, out, errors := p.build(t, "localhost/built", `FROM localhost/busybox
ENV A=b
WORKDIR /srv
COPY file .
RUN echo "A is $A in $(pwd)" && cat file && echo made >/data/made && id -u
USER 1000
RUN id -u; hostname | wc -l
CMD ["cat", "/data/made"]
`)
	if code != 0 {
		t.Fatalf("exit status %d\n%s%s", code, out, errors)
	}
	contains(t, "output", out, "A is b in /srv\nfrom the context\n0\n")
	contains(t, "output", out, "1000\n1\n")
	equal(t, "the image", p.ok(t, "run", "--rm", "localhost/built"), "made")
}

func buildFails(t testing.TB, p *podman) {
	code, _, errors := p.build(t, "localhost/failing", "FROM localhost/busybox\nRUN echo first && exit 7\nRUN echo second\n")
	equal(t, "exit status", code, 7)
	contains(t, "message", errors, "while running runtime: exit status 7")
	code, _, errors = p.build(t, "localhost/failing", "FROM localhost/busybox\nRUN [\"/nosuch\"]\n")
	if code == 0 || !strings.Contains(errors, "no such file or directory") {
		t.Errorf("a missing program: exit status %d, %s", code, errors)
	}
}

func buildMounts(t testing.TB, p *podman) {
	const file = `FROM localhost/busybox
RUN --mount=type=bind,source=file,target=/mnt/file cat /mnt/file; touch /mnt/file 2>/dev/null || echo refused
RUN --mount=type=tmpfs,target=/scratch touch /scratch/x && grep -c ' /scratch tmpfs' /proc/self/mounts
RUN --mount=type=cache,target=/cache echo $((1 + $(cat /cache/n || echo 0))) >/cache/n; echo run $(cat /cache/n)
RUN ls /scratch /cache 2>/dev/null | wc -l
`
	for _, run := range []string{"run 1\n", "run 2\n"} {
		code, out, errors := p.build(t, "localhost/mounts", file, "--no-cache")
		if code != 0 || !strings.Contains(out, "from the context\n") || !strings.Contains(out, run) {
			t.Fatalf("exit status %d\n%s%s", code, out, errors)
		}
	}
}
