package podman

import (
	"strings"
	"testing"
)

func pods() []scenario {
	return []scenario{
		{Name: "pod: containers share namespaces", Run: podShares},
		{Name: "pod stop, start, rm", Run: podLife},
		{Name: "pod with a shared pid namespace", Run: podPids},
		{Name: "play kube, --down", Run: playKube},
		{Name: "generate kube, play it", Run: generateKube},
	}
}

func (p *podman) pod(t testing.TB, name string, flags ...string) {
	t.Helper()
	t.Cleanup(func() { p.do(t, "pod", "rm", "--force", "--time", "0", name) })
	p.ok(t, append([]string{"pod", "create", "--name", name}, flags...)...)
}

const namespaces = "for n in net ipc uts pid mnt; do readlink /proc/self/ns/$n; done"

func podShares(t testing.TB, p *podman) {
	p.pod(t, "both", "--hostname", "pod")
	p.background(t, "one", "sleep 1000", "--pod", "both")
	p.background(t, "two", "sleep 1000", "--pod", "both")
	one := strings.Fields(p.ok(t, "exec", "one", "sh", "-c", namespaces))
	two := strings.Fields(p.ok(t, "exec", "two", "sh", "-c", namespaces))
	for i, shared := range []bool{true, true, true, false, false} {
		if (one[i] == two[i]) != shared {
			t.Errorf("%s and %s", one[i], two[i])
		}
	}
	equal(t, "hostname", p.ok(t, "exec", "two", "hostname"), "pod")
	p.ok(t, "exec", "one", "sh", "-c", "echo word >/dev/shm/file")
	equal(t, "shared memory", p.ok(t, "exec", "two", "cat", "/dev/shm/file"), "word")
}

func podLife(t testing.TB, p *podman) {
	p.pod(t, "group")
	p.background(t, "one", trapping, "--pod", "group")
	p.ready(t, "one")
	matches(t, "pod ps", p.ok(t, "pod", "ps"), `group +Running .* 2`)
	p.ok(t, "pod", "stop", "--time", "100", "group")
	equal(t, "status", p.inspect(t, "one", "{{.State.Status}} {{.State.ExitCode}}"), "exited 5")
	p.ok(t, "pod", "start", "group")
	within(t, "it runs again", func() bool { return strings.Count(p.ok(t, "logs", "one"), "ready") == 2 })
	p.ok(t, "pod", "kill", "group")
	within(t, "it has ended", func() bool { return p.inspect(t, "one", "{{.State.Status}} {{.State.ExitCode}}") == "exited 137" })
	p.ok(t, "pod", "rm", "--force", "group")
	equal(t, "exists", p.do(t, "container", "exists", "one").Code, 1)
}

func podPids(t testing.TB, p *podman) {
	p.pod(t, "family", "--share", "pid,net")
	p.background(t, "one", "sleep 1111", "--pod", "family")
	p.background(t, "two", "sleep 2222", "--pod", "family")
	within(t, "each sees the other's process", func() bool {
		out := p.ok(t, "exec", "one", "ps", "-o", "args")
		return strings.Contains(out, "sleep 1111") && strings.Contains(out, "sleep 2222") && strings.Contains(out, "catatonit")
	})
	p.ok(t, "stop", "--time", "0", "two")
	equal(t, "what is left", p.ok(t, "exec", "one", "sh", "-c", "ps -o args | grep -c 'sleep [12]'"), "1")
}

const kubePod = `apiVersion: v1
kind: Pod
metadata:
  name: played
spec:
  restartPolicy: Never
  hostname: inside
  containers:
  - name: writer
    image: localhost/busybox
    imagePullPolicy: Never
    command: ["sh", "-c", "hostname >/work/file; echo written; exec sleep 1000"]
    env: [{name: A, value: b}]
    volumeMounts: [{name: work, mountPath: /work}]
    securityContext: {runAsUser: 0, capabilities: {drop: [ALL], add: [KILL]}}
  - name: reader
    image: localhost/busybox
    imagePullPolicy: Never
    command: ["sh", "-c", "until cat /work/file; do sleep 0.1; done 2>/dev/null; id -u; exec sleep 1000"]
    workingDir: /tmp
    volumeMounts: [{name: work, mountPath: /work, readOnly: true}]
    securityContext: {runAsUser: 1000, readOnlyRootFilesystem: true}
  volumes:
  - name: work
    hostPath: {path: DIR/work, type: DirectoryOrCreate}
`

func playKube(t testing.TB, p *podman) {
	p.Mkdir(t, "work")
	file := p.Write(t, "pod.yaml", strings.ReplaceAll(kubePod, "DIR", p.Dir))
	t.Cleanup(func() { p.do(t, "play", "kube", "--down", file) })
	p.ok(t, "play", "kube", "--network", "none", file)
	within(t, "the reader has read what the writer wrote", func() bool {
		return p.do(t, "logs", "played-reader").Stdout == "inside\n1000\n"
	})
	equal(t, "capabilities", p.ok(t, "exec", "played-writer", "grep", "CapEff", "/proc/self/status"), "CapEff:\t0000000000000020")
	equal(t, "read-only", p.do(t, "exec", "played-reader", "touch", "/work/x").Code, 1)
	p.ok(t, "play", "kube", "--down", file)
	equal(t, "exists", p.do(t, "pod", "exists", "played").Code, 1)
}

func generateKube(t testing.TB, p *podman) {
	p.pod(t, "origin", "--network", "none")
	p.background(t, "worker", "echo worked; exec sleep 1000", "--pod", "origin", "--env", "A=b")
	yaml := p.ok(t, "generate", "kube", "origin")
	p.ok(t, "pod", "rm", "--force", "--time", "0", "origin")
	file := p.Write(t, "generated.yaml", strings.ReplaceAll(yaml, "image: localhost/busybox:latest", "image: localhost/busybox:latest\n    imagePullPolicy: Never"))
	t.Cleanup(func() { p.do(t, "play", "kube", "--down", file) })
	p.ok(t, "play", "kube", "--network", "none", file)
	within(t, "it has worked", func() bool { return strings.Contains(p.do(t, "logs", "origin-worker").Stdout, "worked\n") })
	equal(t, "environment", p.ok(t, "exec", "origin-worker", "sh", "-c", "echo $A"), "b")
}
