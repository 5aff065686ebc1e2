package buildah

import (
	"strings"
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

// building is what a Containerfile has, in an isolation.
func building(isolation string) []scenario {
	in := func(f func(testing.TB, *buildah, string)) func(testing.TB, *buildah) {
		return func(t testing.TB, b *buildah) { f(t, b, "--isolation="+isolation) }
	}
	list := []scenario{
		{Name: "RUN, ENV, WORKDIR, USER, COPY --from", Run: in(steps)},
		{Name: "the status of a failing RUN", Run: in(failing)},
		{Name: "a missing program is named", Run: in(missing)},
		{Name: "RUN --mount=type=bind, tmpfs, cache, secret", Run: in(mounts)},
		{Name: "RUN has namespaces of its own", Run: in(namespaces)},
		{Name: "bud --layers: steps that are known are not run", Run: in(layers)},
	}
	for i := range list {
		list[i].Name = "bud --isolation=" + isolation + ": " + list[i].Name
	}
	return list
}

func steps(t testing.TB, b *buildah, isolation string) {
	r := b.bud(t, `FROM localhost/busybox AS first
ARG WORD=none
ENV A=b
WORKDIR /srv
COPY file .
RUN echo "> $A $WORD $(pwd) $(cat file) $(id -u)" && echo made >/data/made
RUN ["sh", "-c", "echo \"> $(cat /data/made)\""]
USER user
RUN echo "> $(id -u) $HOME"
FROM localhost/busybox
COPY --from=first /data/made /data/taken
RUN echo "> $(cat /data/taken)"
CMD ["cat", "/data/taken"]
`, isolation, "--build-arg", "WORD=given")
	equal(t, "exit status", r.Code, 0)
	equal(t, "output", lines(r)+r.Stderr, "b given /srv from the context 0\nmade\n1000 /home/user\nmade\n"+r.Stderr)
	name := b.ok(t, "from", built)
	equal(t, "the image", b.ok(t, "run", isolation, name, "--", "cat", "/data/taken"), "made")
	b.ok(t, "rm", name)
}

func failing(t testing.TB, b *buildah, isolation string) {
	r := b.bud(t, "FROM localhost/busybox\nRUN echo '> first'; exit 7\nRUN echo '> second'\n", isolation)
	equal(t, "exit status", r.Code, 7)
	equal(t, "output", lines(r), "first\n")
	contains(t, "message", r.Stderr, `building at STEP "RUN echo '> first'; exit 7": `)
	contains(t, "message", r.Stderr, "exit status 7")
	b.nothingLeft(t)
}

func missing(t testing.TB, b *buildah, isolation string) {
	r := b.bud(t, "FROM localhost/busybox\nRUN [\"/nosuch\"]\n", isolation)
	if r.Code == 0 {
		t.Error("it was built")
	}
	contains(t, "message", r.Stderr, "/nosuch")
	contains(t, "message", r.Stderr, "no such file or directory")
}

func layers(t testing.TB, b *buildah, isolation string) {
	file := "FROM localhost/busybox\nRUN echo '> ran'; echo " + isolation + " >/data/x\nRUN echo '> second'\n"
	first := b.bud(t, file, isolation, "--layers")
	if lines(first) != "ran\nsecond\n" {
		t.Fatalf("the first time it printed %s%s", first.Stdout, first.Stderr)
	}
	r := b.bud(t, strings.Replace(file, "second", "third", 1), isolation, "--layers")
	equal(t, "the second time", lines(r), "third\n")
	contains(t, "output", r.Stdout, "Using cache")
}

func mounts(t testing.TB, b *buildah, isolation string) {
	const file = `FROM localhost/busybox
RUN --mount=type=bind,source=file,target=/mnt/file echo "> $(cat /mnt/file)"; touch /mnt/file 2>/dev/null || echo "> refused"
RUN --mount=type=tmpfs,target=/scratch touch /scratch/x && echo "> $(grep -c ' /scratch tmpfs' /proc/mounts)"
RUN --mount=type=secret,id=word echo "> $(cat /run/secrets/word)"
RUN --mount=type=cache,target=/cache echo x >>/cache/n; echo "> $(wc -l </cache/n)"
RUN echo "> $(ls /scratch /cache /mnt /run/secrets 2>/dev/null | grep -c -E '^(x|n|word)$')"
`
	secret := "--secret=id=word,src=" + b.Write(t, "word", "open sesame")
	first := b.bud(t, file, isolation, secret, "--no-cache")
	second := b.bud(t, file, isolation, secret, "--no-cache")
	n := func(r kegtest.Result) string { return strings.Split(lines(r)+"\n\n\n\n\n", "\n")[4] }
	if !strings.HasPrefix(lines(first), "from the context\nrefused\n1\nopen sesame\n") || !strings.HasSuffix(lines(first), "\n0\n") {
		t.Errorf("printed %q, %s", lines(first), first.Stderr)
	}
	if n(first) == "" || len(n(second)) < len(n(first)) || n(second) == n(first) {
		t.Errorf("the cache was not kept: %q, %q", n(first), n(second))
	}
}

func namespaces(t testing.TB, b *buildah, isolation string) {
	r := b.bud(t, `FROM localhost/busybox
RUN for n in mnt pid ipc uts net; do echo "> $(readlink /proc/self/ns/$n)"; done; echo "> $$ $(grep -c : /proc/net/dev)"
`, isolation)
	all := lines(r)
	for _, kind := range []string{"mnt", "pid", "ipc", "uts", "net"} {
		if own := b.Namespace(t, kind); strings.Contains(all, own) {
			t.Errorf("it is in %s\n%s", own, all)
		}
	}
	if !strings.HasSuffix(all, "\n1 1\n") {
		t.Errorf("printed %q, %s", all, r.Stderr)
	}
}
