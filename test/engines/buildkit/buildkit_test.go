package buildkit

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/keg-project/keg/test/engines"
)

var buildkit = engines.Engine[*daemon]{Name: "buildkit", Title: "BuildKit 0.25.2 (built from its module)", Start: start}

func TestBuildKit(t *testing.T) {
	engines.Need(t, "runc", "unshare", "ip")
	buildkit.Run(t, scenarios)
}

var scenarios = []engines.Scenario[*daemon]{
	{Name: "RUN, exported to a directory", Run: exported},
	{Name: "RUN's output is shown", Run: func(t testing.TB, d *daemon) {
		d.builds(t, "RUN echo 12 | sed s/^/out-/; echo err >&2\n", "out-12")
	}},
	{Name: "a RUN that was done is not done again", Run: func(t testing.TB, d *daemon) {
		d.builds(t, "RUN echo once >/once\n", "DONE")
		d.builds(t, "RUN echo once >/once\n", "CACHED")
	}},
	{Name: "a failing RUN's exit status", Run: func(t testing.TB, d *daemon) {
		d.fails(t, "RUN exit 7\n", `did not complete successfully: exit code: 7`)
	}},
	{Name: "a RUN ended by a signal", Run: func(t testing.TB, d *daemon) {
		d.fails(t, `RUN ["sh", "-c", "sh -c 'kill -9 $$'; exit $?"]`+"\n", `exit code: 137`)
	}},
	{Name: "a RUN of a missing program", Run: func(t testing.TB, d *daemon) {
		d.fails(t, "RUN [\"no-such-program\"]\n", `"no-such-program": executable file not found in $PATH`)
	}},
	{Name: "ENV, ARG, WORKDIR, USER, SHELL", Run: func(t testing.TB, d *daemon) {
		d.builds(t, "ENV A=env\nARG B\nWORKDIR /some/where\nUSER 1000:1000\nSHELL [\"/bin/sh\", \"-e\", \"-c\"]\n"+
			"RUN echo \"$A-$B-$(pwd)-$(id -u)-$(id -g)\"\n", "env-arg-/some/where-1000-1000", "--opt", "build-arg:B=arg")
	}},
	{Name: "stages side by side, COPY --from", Run: func(t testing.TB, d *daemon) {
		d.builds(t, "FROM base AS one\nRUN sleep 0.2; echo 1 >/file\nFROM base AS two\nRUN sleep 0.2; echo 2 >/file\n"+
			"FROM base\nCOPY --from=one /file /1\nCOPY --from=two /file /2\nRUN echo both-$(cat /1 /2 | tr -d '\\n')\n", "both-12")
	}},
	{Name: "RUN --mount=type=cache", Run: func(t testing.TB, d *daemon) {
		d.builds(t, "RUN --mount=type=cache,target=/cache echo kept >/cache/file\n", "DONE")
		d.builds(t, "RUN --mount=type=cache,target=/cache echo was-$(cat /cache/file)\n", "was-kept")
	}},
	{Name: "RUN --mount=type=tmpfs", Run: func(t testing.TB, d *daemon) {
		d.builds(t, "RUN --mount=type=tmpfs,target=/fast,size=4m df -k /fast | tr -s ' '\n", "tmpfs 4096")
	}},
	{Name: "RUN --mount=type=secret", Run: func(t testing.TB, d *daemon) {
		secret := d.dir + "/secret"
		if err := os.WriteFile(secret, []byte("hush"), 0o600); err != nil {
			t.Fatal(err)
		}
		d.builds(t, "RUN --mount=type=secret,id=s sed s/^/told-/ /run/secrets/s; stat -c mode-%a /run/secrets/s\n", "told-hush", "--secret", "id=s,src="+secret)
		d.builds(t, "RUN test ! -s /run/secrets/s && echo forgotten\n", "forgotten")
	}},
	{Name: "RUN --mount=type=bind, read-only", Run: func(t testing.TB, d *daemon) {
		d.builds(t, "FROM base AS other\nRUN echo shared >/file\nFROM base\n"+
			"RUN --mount=type=bind,from=other,target=/mnt cat /mnt/file; ! touch /mnt/x 2>&1\n", "Read-only file system")
	}},
	{Name: "RUN --network=none", Run: func(t testing.TB, d *daemon) {
		d.builds(t, "RUN echo links-$(ls /sys/class/net | tr '\\n' ,)\n", "links-k0,k1,lo,")
		d.builds(t, "RUN --network=none echo links-$(ls /sys/class/net | tr '\\n' ,)\n", "links-lo,")
	}},
	{Name: "RUN --network=host", Run: func(t testing.TB, d *daemon) {
		ns, err := os.Readlink("/proc/" + strconv.Itoa(d.pid) + "/ns/net")
		if err != nil {
			t.Fatal(err)
		}
		d.fails(t, "RUN --network=host true\n", "network.host is not allowed")
		d.builds(t, "RUN --network=host readlink /proc/self/ns/net\n", ns, "--allow", "network.host")
	}},
	{Name: "RUN --security=insecure", Run: func(t testing.TB, d *daemon) {
		d.fails(t, "RUN --security=insecure true\n", "security.insecure is not allowed")
		d.builds(t, "RUN --security=insecure mount -t tmpfs tmpfs /tmp && grep ' /tmp ' /proc/mounts\n", "tmpfs /tmp", "--allow", "security.insecure")
		d.fails(t, "RUN mount -t tmpfs tmpfs /tmp\n", "ermission denied")
	}},
	{Name: "what RUN may not: capabilities, seccomp, masked files", Run: func(t testing.TB, d *daemon) {
		d.builds(t, "RUN grep -E 'CapEff|Seccomp:' /proc/self/status | tr -s '\\t\\n' ' '; cat /proc/timer_list /proc/keys 2>/dev/null | wc -c\n", "CapEff: 00000000a80425fb Seccomp: 2 0\n")
	}},
	{Name: "host names, shared memory, limits of resources", Run: func(t testing.TB, d *daemon) {
		d.builds(t, "RUN echo $(ulimit -n)-$(df -k /dev/shm | tail -n 1 | tr -s ' ' | cut -d ' ' -f 2)-$(grep -c 192.0.2.1 /etc/hosts)-$(hostname)\n", "123-8192-1-box",
			"--opt", "ulimit=nofile=123:123", "--opt", "shm-size=8388608", "--opt", "add-hosts=other=192.0.2.1", "--opt", "hostname=box")
	}},
	{Name: "heredocs", Run: func(t testing.TB, d *daemon) {
		d.builds(t, "RUN <<END\nset -e\necho first\necho sec\"\"ond\nEND\n", "second")
	}},
	{Name: "an OCI layout as the base", Run: layout},
	{Name: "a cancelled build leaves nothing", Run: cancelled},
	{Name: "many RUNs at once", Run: func(t testing.TB, d *daemon) {
		var file strings.Builder
		for i := range 12 {
			n := strconv.Itoa(i)
			file.WriteString("FROM base AS s" + n + "\nRUN echo " + n + " >/" + n + "\n")
		}
		file.WriteString("FROM base\n")
		for i := range 12 {
			file.WriteString("COPY --from=s" + strconv.Itoa(i) + " /" + strconv.Itoa(i) + " /all/\n")
		}
		d.builds(t, file.String()+"RUN echo files-$(ls /all | wc -l)\n", "files-12")
	}},
	{Name: "nothing is left", Run: func(t testing.TB, d *daemon) { d.empty(t) }},
}

func exported(t testing.TB, d *daemon) {
	out := d.dir + "/out"
	d.builds(t, "RUN id >/id; mkdir /d; chown 12:34 /d; ln -s id /link; ls -A / >/ls\n", "", "--output", "type=local,dest="+out)
	id, err := os.ReadFile(out + "/id")
	if err != nil || string(id) != "uid=0(root) gid=0(root) groups=0(root)\n" {
		t.Errorf("/id: %q, %v", id, err)
	}
	if to, err := os.Readlink(out + "/link"); err != nil || to != "id" {
		t.Errorf("/link: %q, %v", to, err)
	}
	// The runtime's mounts leave only what an image has anyway.
	ls, err := os.ReadFile(out + "/ls")
	if err != nil || string(ls) != "bin\nd\ndata\ndev\netc\nid\nlink\nls\nproc\nroot\nrun\nsys\ntmp\n" {
		t.Errorf("/ls: %q, %v", ls, err)
	}
}

// layout exports an image into a directory, and begins another build with it.
func layout(t testing.TB, d *daemon) {
	dir := d.dir + "/layout"
	d.builds(t, "RUN echo inherited >/file\n", "", "--output", "type=oci,tar=false,name=localhost/first,dest="+dir)
	var index struct{ Manifests []struct{ Digest string } }
	data, err := os.ReadFile(filepath.Join(dir, "index.json"))
	if err == nil {
		err = json.Unmarshal(data, &index)
	}
	if err != nil || len(index.Manifests) != 1 {
		t.Fatalf("%v: %s", err, data)
	}
	d.builds(t, "FROM first\nRUN echo was-$(cat /file)\n", "was-inherited",
		"--oci-layout", "first="+dir, "--opt", "context:first=oci-layout://first@"+index.Manifests[0].Digest)
}

// cancelled interrupts a build whose RUN does not end by itself.
func cancelled(t testing.TB, d *daemon) {
	cmd, out := d.command(t, "RUN echo be\"\"gun; sleep 1000\n")
	defer out.Close()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(30 * time.Second); !strings.Contains(text(t, out), "begun"); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			cmd.Process.Kill()
			cmd.Wait()
			t.Fatalf("the RUN never began:\n%s", text(t, out))
		}
	}
	if len(d.left()) == 0 {
		t.Errorf("a RUN is going on, and nothing of it is to be seen")
	}
	cmd.Process.Signal(syscall.SIGINT)
	cmd.Wait()
	d.empty(t)
}

// empty waits until nothing is left of what RUN has run.
func (d *daemon) empty(t testing.TB) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for len(d.left()) > 0 && time.Now().Before(deadline) {
		time.Sleep(20 * time.Millisecond)
	}
	if left := d.left(); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}
