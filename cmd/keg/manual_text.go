package main

// What keg(1) says beyond the tree of commands.

const aboutKeg = "keg runs containers. It is an OCI runtime (runtime-spec 1.3) with runc's command\n" +
	"line, so what starts containers with runc can start them with keg; and it is a\n" +
	"container for a person at a terminal, by `keg shell`. It is one static program,\n" +
	"without a daemon, and needs Linux 5.14 or newer.\n\n" +
	"A config.json is compiled to a list of system calls, which `keg explain` prints\n" +
	"before any of them is made."

const aboutStatus = "0 when keg did what it was told, and 1 when it failed. `keg run`, `keg shell` and\n" +
	"`keg exec` return the status of the container's program, 128+n if signal n ended\n" +
	"it; `keg exec` returns 255 when keg itself failed. `keg doctor` returns 1 for an\n" +
	"error that it found, and 2 for a warning."

const aboutUse = "  keg shell                          a shell in an empty box\n" +
	"  keg shell -v $PWD:/src -- ls /src  one command, on files of the host\n\n" +
	"With a bundle, as engines do it:\n\n" +
	"  mkdir -p bundle/rootfs && cd bundle\n" +
	"  keg shell --keep rootfs -- true\n" +
	"  keg spec\n" +
	"  keg explain\n" +
	"  keg run web"

var aboutEnvironment = []struct{ name, what string }{
	{"XDG_RUNTIME_DIR", "below it, in keg, is the state of the containers of users other than root"},
	{"LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES", "sockets that are passed on to the container, as systemd passes them to keg"},
	{"NOTIFY_SOCKET", "where the container's program can tell systemd that it is ready"},
	{"PATH", "where `keg shell` looks for busybox"},
	{"SOURCE_DATE_EPOCH", "the date that `keg manual` puts into its pages"},
	{"NO_COLOR", "has `keg doctor` print no colors on a terminal"},
}

var aboutFiles = []struct{ name, what string }{
	{"/run/keg", "the state of root's containers, a directory for each; `--root` names another place"},
	{"config.json", "in a bundle: what the container is to be, as the OCI runtime specification defines it"},
	{"/etc/subuid, /etc/subgid", "ids that an ordinary user's containers may have beside the user's own"},
}
