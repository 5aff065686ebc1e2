package sequence

import (
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// A bundle that cannot be read does not keep the others from running, nor does
// what is no bundle.
func TestBadBundles(t *testing.T) {
	m := newMachine(t)
	m.add("000-syntax", bundle{script: "true"})
	m.add("001-field", bundle{script: "true", runtime: runtime{"interfaces": []any{link("name", "a"), link("add", "veth")}, "mkdir": []any{7}}})
	m.add("002-none", bundle{script: "true"})
	m.add("003-config", bundle{script: "true", change: func(s *oci.Spec) { s.Process.Cwd = "" }})
	m.add("004-good", bundle{script: "exit 6"})
	results, r := m.results(`
		cd $dir/onboot; echo '{"mkdir": [}' >$name-000-syntax/runtime.json; rm $name-002-none/config.json $name-004-good/runtime.json; touch 005-file
		cp -a $dir/image/. $name-004-good/rootfs
		boot onboot --json; status=$?; left >&2; exit $status`)
	if r.Code != 1 || ids(results) != "000-syntax=failed 001-field=failed 002-none=failed 003-config=failed 004-good=6" || !strings.HasSuffix(r.Stderr, nothing) {
		t.Errorf("%d %+v %s", r.Code, results, r.Stderr)
	}
	for i, want := range []string{
		`onboot/000-syntax: runtime.json: 1:12: mkdir[0]: found "}"; expected a value`,
		"onboot/001-field: runtime.json: mkdir[0]: found 7; allowed: a string\n" +
			"onboot/001-field: runtime.json: interfaces[1].name: found nothing; allowed: an interface's name\n" +
			"onboot/001-field: runtime.json: interfaces[1].peer: found nothing; allowed: the name of a veth's other end",
		"onboot/002-none: config.json: open DIR/onboot/002-none/config.json: no such file or directory",
		"onboot/003-config: config.json: process.cwd: found nothing; allowed: an absolute path",
	} {
		if results[i].Error != want {
			t.Errorf("%s\nwant\n%s", results[i].Error, want)
		}
	}
	if !strings.Contains(r.Stderr, "onboot 005-file: is no directory, and left out\n") {
		t.Errorf("%s", r.Stderr)
	}
}

func TestStrict(t *testing.T) {
	m := newMachine(t)
	m.add("000-good", bundle{script: "true"})
	m.add("001-bad", bundle{script: "exit 1"})
	m.add("002-never", bundle{script: "true"})
	results, r := m.results("boot onboot --strict --json")
	if r.Code != 1 || ids(results) != "000-good=0 001-bad=1 002-never=skipped" {
		t.Errorf("%d %+v", r.Code, results)
	}
}

// A container that hangs is killed, whether it has a pid namespace or not, and
// however it is ignored.
func TestTimeout(t *testing.T) {
	m := newMachine(t)
	m.add("000-hangs", bundle{script: "trap '' TERM INT; sleep 1000"})
	m.add("001-hangs", bundle{script: "sleep 1000 & sleep 1000", change: hostPids})
	m.add("002-next", bundle{script: "exit 2"})
	results, r := m.results("boot onboot --timeout 300ms --json; status=$?; left >&2; exit $status")
	if r.Code != 1 || len(results) != 3 || *results[0].ExitStatus != 137 || *results[1].ExitStatus != 137 || *results[2].ExitStatus != 2 || !strings.HasSuffix(r.Stderr, nothing) {
		t.Errorf("%d %+v %s", r.Code, results, r.Stderr)
	}
	if want := "onboot/000-hangs: killed: it ran longer than 300ms"; results[0].Error != want {
		t.Errorf("%q", results[0].Error)
	}
}

// Told to end, keg leaves nothing of the container that runs.
func TestTerminated(t *testing.T) {
	m := newMachine(t)
	m.add("000-long", bundle{script: "echo begun >/run/begun; sleep 1000", runtime: runtime{"mounts": []any{mount("tmpfs", "tmpfs", "data")}}})
	m.add("001-never", bundle{script: "true"})
	r := m.run(`
		boot onboot & pid=$!
		until [ -e /run/begun ]; do sleep 0.02; done
		pkill -TERM -P $pid; wait $pid; echo $?; left`)
	if out := m.table(r.Stdout); !strings.HasSuffix(out, "000-long killed\n001-never not run\n1\n"+nothing) {
		t.Errorf("%s%s", out, r.Stderr)
	}
}

// What a container leaves running is not waited for, and keeps what it runs on;
// another run begins with its end.
func TestLeftRunning(t *testing.T) {
	m := newMachine(t)
	m.add("000-daemon", bundle{script: "setsid sleep 1000 </dev/null >/dev/null 2>&1 &", change: hostPids})
	r := m.run(`
		count() { cat $(find /sys/fs/cgroup -path "*$name-000-daemon/cgroup.procs" 2>/dev/null) 2>/dev/null | sort -u | wc -l; }
		boot onboot --json | grep -o leftRunning; count; "$keg" list | tail -n 1 | awk '{ print $3 }'
		boot onboot --json | grep -o leftRunning; count
		"$keg" delete -f $name-000-daemon; count; boot onboot >/dev/null; "$keg" delete -f $name-000-daemon`)
	if r.Stdout != "leftRunning\n1\nstopped\nleftRunning\n1\n0\n" {
		t.Errorf("%s%s", r.Stdout, r.Stderr)
	}
}

// keg that is killed leaves a container; another run takes its place.
func TestKilled(t *testing.T) {
	m := newMachine(t)
	m.add("000-once", bundle{script: "[ -e /run/begun ] && exit 8; echo >/run/begun; sleep 1000", runtime: runtime{"mounts": []any{mount("tmpfs", "tmpfs", "/run/store")}}})
	r := m.run(`
		boot onboot & pid=$!
		until [ -e /run/begun ]; do sleep 0.02; done
		pkill -KILL -P $pid; wait $pid
		boot onboot --json | grep -o 'running already' | head -n 1
		"$keg" kill $name-000-once KILL
		until "$keg" state $name-000-once | grep -q stopped; do sleep 0.02; done
		boot onboot --json | grep -o 'exitStatus":8'
		left; grep -c ' /run/store ' /proc/self/mountinfo`)
	if r.Stdout != "running already\nexitStatus\":8\n"+nothing+"1\n" {
		t.Errorf("%s%s", r.Stdout, r.Stderr)
	}
}

func TestNoTree(t *testing.T) {
	m := newMachine(t)
	if out := m.output("boot onshutdown; rmdir $dir/onboot; mkdir $dir/onboot; boot onboot; boot onboot --json"); out != "[\n]\n" {
		t.Errorf("%q", out)
	}
}
