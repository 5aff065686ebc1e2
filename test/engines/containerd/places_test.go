package containerd

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// places are the namespaces that a container is in.
var places = []scenario{
	{Name: "namespaces of its own", Run: func(t testing.TB, d *daemon) {
		out := d.run(t, "for n in pid mnt net ipc uts user; do readlink /proc/self/ns/$n; done; ls /sys/class/net; echo $$")
		lines := strings.Fields(out)
		for i, name := range []string{"pid", "mnt", "net", "ipc", "uts"} {
			if lines[i] == own(t, name) {
				t.Errorf("%s is the host's", name)
			}
		}
		equal(t, "user", lines[5], own(t, "user"))
		equal(t, "network, pid", strings.Join(lines[6:], " "), "lo 1")
	}},
	{Name: "--net-host", Run: func(t testing.TB, d *daemon) {
		name, err := os.Hostname()
		if err != nil {
			t.Fatal(err)
		}
		d.prints(t, own(t, "net")+" "+name, "echo $(readlink /proc/self/ns/net) $HOSTNAME", "--net-host")
	}},
	{Name: "--with-ns: the network of another container, and its processes", Run: func(t testing.TB, d *daemon) {
		other := d.pid(t, d.sleeper(t))
		until(t, "sleep\n", func() string {
			name, _ := os.ReadFile(fmt.Sprintf("/proc/%d/comm", other))
			return string(name)
		})
		path := fmt.Sprintf("/proc/%d/ns/", other)
		net, err := os.Readlink(path + "net")
		if err != nil {
			t.Fatal(err)
		}
		d.prints(t, net+" sleep", "echo $(readlink /proc/self/ns/net) $(cat /proc/1/comm)", "--with-ns", "network:"+path+"net", "--with-ns", "pid:"+path+"pid")
	}},
	{Name: "--uidmap and --gidmap: a user namespace", Run: func(t testing.TB, d *daemon) {
		flags := []string{"--uidmap", "0:200000:65536", "--gidmap", "0:200000:65536"}
		id := d.detached(t, "echo > /data/mine; exec sleep 1000000", flags...)
		d.appears(t, id, "/data/mine")
		pid := d.pid(t, id)
		info, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if err != nil {
			t.Fatal(err)
		}
		contains(t, "host's view", string(info), "Uid:\t200000\t200000", "Gid:\t200000\t200000")
		equal(t, "exec", d.exec(t, id, "id -u; stat -c %u:%g /data/mine; awk '{ print $1, $2, $3 }' /proc/self/uid_map"), "0\n0:0\n0 200000 65536")
		if link, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/user", pid)); err != nil || link == own(t, "user") {
			t.Errorf("%s, %v", link, err)
		}
	}},
}

// own is the test's namespace.
func own(t testing.TB, name string) string {
	t.Helper()
	link, err := os.Readlink("/proc/self/ns/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return link
}
