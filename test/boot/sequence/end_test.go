package sequence

import (
	"os/exec"
	"strconv"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// A bundle that cannot be read does not keep the others from running, nor does
// what is no bundle.
func TestBadBundles(t *testing.T) {
	m := newMachine(t)
	m.add("000-syntax", bundle{script: "true"})
	m.add("001-field", bundle{script: "true", runtime: runtime{"nettwork": true, "interfaces": []any{link("name", "a"), link("add", "veth")}, "mkdir": []any{7}}})
	m.add("002-none", bundle{script: "true"})
	m.add("003-config", bundle{script: "true", change: func(s *oci.Spec) { s.Process.Cwd = "" }})
	m.add("004-good", bundle{script: "exit 6"})
	m.add("005-terminal", bundle{script: "true", change: func(s *oci.Spec) { s.Process.Terminal = true }})
	m.add("006 name", bundle{script: "true"})
	m.add("007-remark", bundle{script: "true", runtime: runtime{"mkdirs": []any{"a"}, "bindNS": map[string]any{"nets": "/a"}}})
	results, r := m.results(`
		cd $dir/onboot; echo '{"mkdir": [}' >$name-000-syntax/runtime.json; rm $name-002-none/config.json $name-004-good/runtime.json; touch 005-file
		cp -a $dir/image/. $name-004-good/rootfs
		boot onboot --json; status=$?; left >&2; exit $status`)
	if r.Code != 1 || ids(results) != "000-syntax=failed 001-field=failed 002-none=failed 003-config=failed 004-good=6 005-terminal=failed 006 name=failed 007-remark=0" || !strings.HasSuffix(r.Stderr, nothing) {
		t.Errorf("%d %+v %s", r.Code, results, r.Stderr)
	}
	for i, want := range []string{
		`onboot/000-syntax: runtime.json: 1:12: mkdir[0]: found "}"; expected a value`,
		"onboot/001-field: runtime.json: mkdir[0]: found 7; allowed: a string\n" +
			"onboot/001-field: runtime.json: interfaces[1].name: found nothing; allowed: an interface's name\n" +
			"onboot/001-field: runtime.json: interfaces[1].peer: found nothing; allowed: the name of a veth's other end",
		"onboot/002-none: config.json: open DIR/onboot/002-none/config.json: no such file or directory",
		"onboot/003-config: config.json: process.cwd: found nothing; allowed: an absolute path",
		"",
		"onboot/005-terminal: config.json: process.terminal: found true; allowed: false, as nobody is at a terminal of it",
		"onboot/006 name: its directory's name is the container's id: ",
	} {
		if i == 6 {
			results[i].Error = results[i].Error[:min(len(want), len(results[i].Error))]
		}
		if results[i].Error != want {
			t.Errorf("%s\nwant\n%s", results[i].Error, want)
		}
	}
	for _, want := range []string{
		"onboot 005-file: is no directory, and left out\n",
		"001-field: runtime.json: nettwork: keg knows no such member, and leaves it out\n",
		"007-remark: runtime.json: mkdirs: keg knows no such member, and leaves it out\n",
		"007-remark: runtime.json: bindNS.nets: keg knows no such member, and leaves it out\n",
	} {
		if !strings.Contains(r.Stderr, want) {
			t.Errorf("%s\nwant %s", r.Stderr, want)
		}
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

// A hook that hangs where a create clears up is ended, too, and the next one is called.
func TestTimeoutWhereHooksClearUp(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	hook := func(script string) oci.Hook { return oci.Hook{Path: "/bin/sh", Args: []string{"sh", "-c", script}} }
	m.add("000-hooks", bundle{script: "true", change: func(s *oci.Spec) {
		s.Hooks = &oci.Hooks{CreateRuntime: []oci.Hook{hook("sleep 4734")}, Poststop: []oci.Hook{hook("sleep 4734"), hook("echo cleared >&2; touch /run/cleared")}}
	}})
	results, r := m.results("boot onboot --json --timeout 1s; ls /run/cleared >&2; gone 4734 >&2; left >&2")
	if !strings.HasSuffix(r.Stderr, "/run/cleared\ngone\n"+nothing) || !strings.Contains(results[0].Error, "create: hooks.createRuntime[0]: /bin/sh: ended, as signal 15") {
		t.Errorf("%+v\n%s", results, r.Stderr)
	}
}

// A container that hangs is killed, whether it has a pid namespace or not, however
// it ignores signals, where it has left its cgroups, and in a hook.
func TestTimeout(t *testing.T) {
	const limit = "5s" // a machine that is much slower needs a part of it for the beginning
	leave := "cd /sys/fs/cgroup; d=$(ls -d */); [ ! -e cgroup.controllers ] || d=.; for d in $d; do echo 0 >$d/cgroup.procs; done; sleep 4733"
	for name, b := range map[string]bundle{
		"ignores": {script: "trap '' TERM INT; sleep 4733"},
		"host":    {script: "sleep 4733 & sleep 4733", change: hostPids},
		"leaves": {script: leave, change: func(s *oci.Spec) {
			s.Mounts = append(s.Mounts, oci.Mount{Destination: "/sys/fs/cgroup", Source: "/sys/fs/cgroup", Type: "bind", Options: []string{"rbind"}})
		}},
		"hook": {script: "true", change: hang("createRuntime", "4733")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t)
			m.add("000-hangs", b)
			m.add("001-next", bundle{script: "exit 2"})
			results, r := m.results("boot onboot --timeout " + limit + " --json; status=$?; left >&2; exit $status")
			if r.Code != 1 || !strings.HasSuffix(ids(results), " 001-next=2") || !strings.HasSuffix(r.Stderr, nothing) {
				t.Fatalf("%d %+v %s", r.Code, results, r.Stderr)
			}
			why := "killed: it ran longer than " + limit
			if name == "hook" {
				want := "onboot/000-hangs: create: hooks.createRuntime[0]: /bin/sh: ended, as signal 15 (terminated) came (" + why + ")"
				if got := results[0]; got.Error != want || got.ExitStatus != nil {
					t.Errorf("%+v", got)
				}
				return
			}
			if got := results[0]; got.Error != "onboot/000-hangs: "+why || got.ExitStatus == nil || *got.ExitStatus != 137 {
				t.Errorf("%+v", got)
			}
		})
	}
}

// hang makes a hook of a container's hang, with a child that its end does not end.
func hang(kind, seconds string) func(*oci.Spec) {
	h := []oci.Hook{{Path: "/bin/sh", Args: []string{"sh", "-c", "sleep " + seconds + " & echo >>/run/begun; wait; true"}}}
	return func(s *oci.Spec) {
		s.Hooks = map[string]*oci.Hooks{
			"createRuntime": {CreateRuntime: h}, "createContainer": {CreateContainer: h},
			"startContainer": {StartContainer: h}, "poststart": {Poststart: h}, "poststop": {Poststop: h},
		}[kind]
	}
}

// A hook that hangs is ended, with its children, whenever it is called, when keg is
// told to end. One that clears up may take somewhat longer, and is only warned of.
func TestTerminatedInHook(t *testing.T) {
	for i, kind := range []string{"createRuntime", "createContainer", "startContainer", "poststart", "poststop"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t)
			seconds := strconv.Itoa(4734 + i)
			m.add("000-hangs", bundle{script: "true", change: hang(kind, seconds), runtime: runtime{"mounts": []any{mount("tmpfs", "tmpfs", "data")}}})
			m.add("001-never", bundle{script: "true"})
			r := m.run(`
				boot onboot & pid=$!
				until [ -s /run/begun ]; do sleep 0.02; done
				pkill -TERM -P $pid; wait $pid; echo $?; gone ` + seconds + `; left`)
			status := "failed"
			if kind == "poststop" {
				status = "0"
			}
			if out := m.table(r.Stdout); !strings.HasSuffix(out, "000-hangs "+status+"\n001-never not run\n1\ngone\n"+nothing) {
				t.Errorf("%s%s", out, r.Stderr)
			}
			if !strings.Contains(r.Stderr, "hooks."+kind+"[0]: /bin/sh: ") {
				t.Errorf("%s", r.Stderr)
			}
		})
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

// keg that is killed between two mounts leaves none that the next run does not
// find.
func TestKilledBetweenMounts(t *testing.T) {
	if _, err := exec.LookPath("strace"); err != nil {
		kegtest.Skip(t, "no strace: run test/setup")
	}
	m := newMachine(t)
	m.add("000-mounts", bundle{script: "exit 7", readonly: true, runtime: runtime{"mounts": []any{
		mount("", "/usr/bin", "/run/first", "bind"), mount("tmpfs", "tmpfs", "/run/second"),
	}}})
	r := m.run(`
		strace -f -qq -o /run/trace -e trace=mount -e inject=mount:signal=KILL:when=1 "$keg" boot onboot --dir $dir/onboot; echo $?
		for n in 1 2; do
			boot onboot --json | grep -o 'exitStatus":7'
			for p in first second; do grep -c " /run/$p " /proc/self/mountinfo; done
		done; left`)
	if run := "exitStatus\":7\n1\n1\n"; r.Stdout != "137\n"+run+run+nothing {
		t.Errorf("%s%s", r.Stdout, r.Stderr)
	}
}

func TestNoTree(t *testing.T) {
	m := newMachine(t)
	if out := m.output("boot onshutdown; rmdir $dir/onboot; mkdir $dir/onboot; boot onboot; boot onboot --json"); out != "[\n]\n" {
		t.Errorf("%q", out)
	}
}
