package containerd

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/keg-project/keg/test/kegtest"
)

var runs = []scenario{
	{Name: "`ctr run --rm`: output, errors, exit status", Run: func(t testing.TB, d *daemon) {
		r := d.short(t, 7, "echo out; echo err >&2; exit 7")
		equal(t, "stdout", r.Stdout, "out")
		equal(t, "stderr", r.Stderr, "err\n")
	}},
	{Name: "standard input", Run: func(t testing.TB, d *daemon) {
		r := d.feed(t, "one\ntwo\n", d.command("run --rm", d.name(t), "read a; read b; echo $b $a", nil)...)
		equal(t, "lines", r.Stdout, "two one\n")
	}},
	{Name: "the runtime found in PATH as `runc`", Run: func(t testing.TB, d *daemon) {
		equal(t, "output", d.ends(t, 0, []string{"run", "--rm", "--runc-root", d.file("runc"), image, d.name(t), "sh", "-c", listens + "echo hi"}).Stdout, "hi")
		id := d.name(t)
		d.ok(t, "run", "-d", image, id, "sleep", "1000000")
		found := kegtest.Finish(t, d.within("runc", "--root", "/run/containerd/runc/"+d.namespace, "list", "-q"))
		equal(t, "runc list", found.Stdout, id+"\n")
	}},
	{Name: "run -t: a terminal of the right size, resized", Run: func(t testing.TB, d *daemon) {
		x := d.screen(t, d.command("run --rm", d.name(t), `until [ "$(stty size 2>/dev/null)" = "33 77" ]; do sleep 0.05; done; echo first; until [ "$(stty size)" = "40 100" ]; do sleep 0.05; done; echo "now $(stty size) on $(readlink /proc/self/fd/0)"; exit 3`, []string{"-t"})...)
		x.Wait("first")
		until(t, "resized", func() string { // the client sets the size before it listens for the next one
			x.Resize(39, 99)
			x.Resize(40, 100)
			for range 100 {
				if strings.Contains(x.Output(), "now ") {
					return "resized"
				}
				time.Sleep(20 * time.Millisecond)
			}
			return x.Output()
		})
		x.Wait("now 40 100 on /dev/pts/0")
		x.AsBefore("3")
	}},
	{Name: "run -t: Ctrl-C reaches the program", Run: func(t testing.TB, d *daemon) {
		x := d.screen(t, d.command("run --rm", d.name(t), "trap 'echo caught; exit 4' INT; echo rea''dy; while :; do sleep 0.1; done", []string{"-t"})...)
		x.Wait("ready")
		x.Key(kegtest.CtrlC)
		x.Wait("caught")
		x.AsBefore("4")
	}},
	{Name: "run -d and --pid-file: the container's process", Run: func(t testing.TB, d *daemon) {
		file := d.file("pid")
		id := d.sleeper(t, "--pid-file", file)
		pid, status := d.task(t, id)
		equal(t, "status", status, "RUNNING")
		text, err := os.ReadFile(file)
		if err != nil || string(text) != strconv.Itoa(pid) {
			t.Errorf("pid file: %q, %v; the task is %d", text, err, pid)
		}
		until(t, "sleep\x001000000\x00", func() string {
			words, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cmdline")
			return string(words)
		})
	}},
	{Name: "--env, the image's environment, --cwd", Run: func(t testing.TB, d *daemon) {
		d.prints(t, "image mine /tmp /root", "echo $FROM $OWN $(pwd) $HOME", "--env", "OWN=mine", "--cwd", "/tmp")
	}},
	{Name: "--rootfs: a directory for a root", Run: func(t testing.TB, d *daemon) {
		root := kegtest.Rootfs(t)
		write(t, root+"/etc/mine", "mine")
		args := append([]string{"run", "--rm", "--rootfs"}, d.binary()...)
		args = append(args, "--env", "PATH=/bin", root, d.name(t), "sh", "-c", listens+"cat /etc/mine; echo hers > /etc/new")
		equal(t, "output", d.ends(t, 0, args).Stdout, "mine")
		if text, err := os.ReadFile(root + "/etc/new"); string(text) != "hers\n" {
			t.Errorf("%q, %v", text, err)
		}
	}},
	{Name: "--config: a configuration of one's own", Run: func(t testing.TB, d *daemon) {
		root := kegtest.Rootfs(t)
		text := d.ok(t, "oci", "spec")
		text = strings.Replace(text, `"path": "rootfs"`, `"path": "`+root+`"`, 1)
		text = strings.Replace(text, `"cwd": "/"`, `"cwd": "/", "args": ["/bin/sh", "-c", "`+listens+`/bin/hostname"]`, 1)
		text = strings.Replace(text, `"linux": {`, `"hostname": "by-file", "linux": {`, 1)
		text = strings.Replace(text, `"cgroupsPath": "`, `"cgroupsPath": "/`+d.namespace+`/own`, 1)
		write(t, d.file("own.json"), text)
		args := append([]string{"run", "--rm", "--config", d.file("own.json")}, d.binary()...)
		equal(t, "hostname", d.ends(t, 0, append(args, d.name(t))).Stdout, "by-file")
	}},
	{Name: "--no-pivot", Run: func(t testing.TB, d *daemon) {
		d.prints(t, "hi", "echo hi", "--no-pivot")
	}},
	{Name: "--log-uri and --null-io", Run: func(t testing.TB, d *daemon) {
		file := d.file("output")
		// It lives on: the shim closes the file for both streams once the first has ended.
		d.detached(t, "echo out; echo err >&2; exec sleep 1000000", "--log-uri", "file://"+file)
		until(t, "err out", func() string {
			text, _ := os.ReadFile(file)
			words := strings.Fields(string(text))
			if len(words) == 2 && words[0] == "out" {
				words[0], words[1] = words[1], words[0]
			}
			return strings.Join(words, " ")
		})
		equal(t, "output", d.ok(t, d.command("run --rm", d.name(t), "echo nobody hears", []string{"--null-io"})...), "")
	}},
	{Name: "events: create, start, exit, delete", Run: func(t testing.TB, d *daemon) {
		seen := d.events(t)
		id := d.name(t)
		d.ok(t, d.command("run --rm", id, "true", nil)...)
		seen(id, "/containers/create", "/tasks/create", "/tasks/start", "/tasks/exit", "/tasks/delete", "/containers/delete")
	}},
	{Name: "30 containers at once", Run: func(t testing.TB, d *daemon) { parallel(t, d, 30) }},
}

// events listens to containerd. seen waits until all of these were about a container.
func (d *daemon) events(t testing.TB) (seen func(id string, topics ...string)) {
	t.Helper()
	file, err := os.Create(d.file("events"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	cmd := d.within(d.client("events")...)
	cmd.Stdout = file
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	heard := func() string {
		text, _ := os.ReadFile(file.Name())
		return string(text)
	}
	until(t, "listening", func() string { // the client says nothing of when it begins to listen
		d.ok(t, "namespaces", "label", d.namespace, "listening=yes")
		if strings.Contains(heard(), "/namespaces/update") {
			return "listening"
		}
		return heard()
	})
	return func(id string, topics ...string) {
		t.Helper()
		until(t, "", func() string {
			var missing []string
			for _, topic := range topics {
				if !about(heard(), topic, id) {
					missing = append(missing, topic)
				}
			}
			return strings.Join(missing, " ")
		})
	}
}

func about(events, topic, id string) bool {
	for line := range strings.Lines(events) {
		if strings.Contains(line, topic+" ") && strings.Contains(line, `"`+id+`"`) {
			return true
		}
	}
	return false
}

// parallel runs containers side by side, each with an exit status of its own.
func parallel(t testing.TB, d *daemon, n int) {
	commands := make([]*exec.Cmd, n)
	outputs := make([]strings.Builder, n)
	for i := range n {
		script := listens + "echo I am $(hostname) " + strconv.Itoa(i) + "; exit " + strconv.Itoa(i)
		commands[i] = d.within(d.client(d.command("run --rm", d.name(t), script, nil)...)...)
		commands[i].Stdin, commands[i].Stdout, commands[i].Stderr = input{commands[i], strings.NewReader("\n")}, &outputs[i], &outputs[i]
		if err := commands[i].Start(); err != nil {
			t.Fatal(err)
		}
	}
	for i, cmd := range commands {
		cmd.Wait()
		if cmd.ProcessState.ExitCode() != i || !strings.HasSuffix(outputs[i].String(), " "+strconv.Itoa(i)+"\n") {
			t.Errorf("%d of %d: %v: %s", i, n, cmd.ProcessState, outputs[i].String())
		}
	}
	equal(t, "tasks", d.ok(t, "tasks", "ls", "-q"), "")
}
