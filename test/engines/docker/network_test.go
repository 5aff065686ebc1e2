package docker

import (
	"os"
	"strings"
	"testing"
)

// fetch waits for the server to listen.
func fetch(host string) string {
	return "for i in $(seq 50); do wget -qO- http://" + host + "/ && exit; sleep 0.1; done; exit 1"
}

const serve = "mkdir -p /www; hostname >/www/index.html; exec httpd -f -h /www"

// asks waits until a request from the daemon's network namespace is answered so.
func (d *daemon) asks(t testing.TB, address, want string) {
	t.Helper()
	host, port, _ := strings.Cut(address, ":")
	request := `exec 3<>/dev/tcp/` + host + `/` + port + ` && printf 'GET / HTTP/1.0\r\n\r\n' >&3 && tail -n 1 <&3`
	until(t, want, func() string {
		out, _ := d.Within("bash", "-c", request).CombinedOutput()
		return strings.TrimSpace(string(out))
	})
}

func publish(t testing.TB, d *daemon) {
	c := d.Detached(t, serve, "--hostname", "server", "-p", "8080:80", "-p", "127.0.0.1:8081:80")
	contains(t, "port", d.OK(t, "port", c), "80/tcp -> 0.0.0.0:8080", "80/tcp -> 127.0.0.1:8081")
	gateway := d.Inspect(t, c, ".NetworkSettings.Gateway")
	d.asks(t, "127.0.0.1:8081", "server")
	d.asks(t, "127.0.0.1:8080", "server")
	d.asks(t, gateway+":8080", "server")
	d.asks(t, d.Inspect(t, c, ".NetworkSettings.IPAddress")+":80", "server")
	equal(t, "from another container", d.Run(t, "wget -qO- http://"+gateway+":8080/"), "server")
}

func network(t testing.TB, d *daemon) {
	d.OK(t, "network", "create", "--subnet", "10.77.0.0/24", "own")
	t.Cleanup(func() { d.Docker(t, "network", "rm", "own") })
	c := d.Detached(t, serve, "--hostname", "server", "--network", "own", "--network-alias", "www", "--ip", "10.77.0.7")
	for _, host := range []string{c, "www", "10.77.0.7"} {
		equal(t, host, d.Run(t, fetch(host), "--network", "own"), "server")
	}
	other := d.Detached(t, forever)
	d.OK(t, "network", "connect", "own", other)
	d.Prints(t, "server", "exec", other, "wget", "-qO-", "http://www/")
	d.Prints(t, "eth0\neth1\nlo", "exec", other, "ls", "/sys/class/net")
	d.OK(t, "network", "disconnect", "own", other)
	d.Prints(t, "eth0\nlo", "exec", other, "ls", "/sys/class/net")
}

func networkModes(t testing.TB, d *daemon) {
	const script = "readlink /proc/self/ns/net"
	own, err := os.Readlink("/proc/" + d.PID() + "/ns/net")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "host", d.Run(t, script, "--network", "host"), own)
	equal(t, "none", d.Run(t, "ls /sys/class/net", "--network", "none"), "lo")
	c := d.Detached(t, serve, "--hostname", "server")
	equal(t, "container:", d.Run(t, script, "--network", "container:"+c), d.OK(t, "exec", c, "readlink", "/proc/1/ns/net"))
	equal(t, "container:", d.Run(t, fetch("127.0.0.1"), "--network", "container:"+c), "server")
}
