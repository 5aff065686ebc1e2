// Package imports holds the arrows between keg's packages: who may know of
// whom, and why. The test beside it compares them with what `go list` says.
//
// It is not for style (test/style) and not for versions of modules (go.mod).
package imports

// module is the prefix of keg's own packages.
const module = "github.com/keg-project/keg/"

// arrow says which of keg's packages one package may import. Whatever is not
// named is forbidden, and the reason is printed with the violation.
type arrow struct {
	pkg string
	may []string
	why string
}

// arrows is every package that ships, from the bottom up.
var arrows = []arrow{
	{"linux", nil,
		"linux wraps system calls one by one; a wrapper that knows keg's ideas belongs to the package of that idea"},
	{"program", []string{"linux"},
		"a program is a list of system calls as a value; what they are for is the plan's business; linux is there for constants"},
	{"jsonscan", nil,
		"jsonscan reads any JSON; what the fields mean is the business of spec and state"},
	{"seccomp", nil,
		"seccomp turns a profile into BPF without asking the machine"},
	{"cpulist", nil,
		"cpulist reads a list; which CPUs a machine has is none of its business"},
	{"spec", []string{"cpulist", "jsonscan"},
		"spec decides from the text alone whether a config.json is valid, the same on every machine"},
	{"resources", nil,
		"resources converts values; which files exist is told it, and who writes them is none of its business"},
	{"devices", nil,
		"devices compiles rules; in which cgroup they are enforced, and how that is asked of the kernel, is cgroup's business"},
	{"unit", []string{"cpulist", "devices", "resources"},
		"unit says what a unit is like, without asking the machine"},
	{"systemd", []string{"unit"},
		"systemd asks a manager for what it is given; cgroups and containers are its caller's business"},
	{"plan", []string{"cpulist", "devices", "linux", "program", "resources", "seccomp", "spec", "unit"},
		"plan is a pure function of the specification and of host facts: it can be printed and tested without privileges; linux is there for constants"},
	{"initvm", []string{"program"},
		"the interpreter runs programs and knows nothing of containers: that is what keeps it small enough to read"},
	{"hooks", []string{"linux"},
		"hooks calls programs one by one and tells them what it was given; when, and of which container, is its caller's business"},
	{"cgroup", []string{"cpulist", "devices", "linux", "resources"},
		"cgroup knows limits and hierarchies, not how or when a container is made"},
	{"resctrl", []string{"linux"},
		"resctrl knows groups and schemata, not how or when a container is made"},
	{"relay", nil,
		"relay passes signals on; what for, and to whom, is its caller's business"},
	{"state", []string{"jsonscan", "linux"},
		"state outlives versions of keg: it stores bytes and facts, not plans or decoded configurations"},
	{"launch", []string{"cgroup", "initvm", "linux", "plan", "program"},
		"launch carries out a plan step by step; reading the specification again would be a second opinion of what it says"},
	{"host", []string{"linux"},
		"host reports what this machine can do; it makes no containers"},
	{"terminal", []string{"linux", "program"},
		"terminal passes a terminal on; whose it is and how it was made is its caller's business; program is there for the watch over the caller's terminal"},
	{"criu", []string{"linux"},
		"criu speaks to CRIU; what it is asked, and what a container is, is its caller's business"},
	{"container", []string{"cgroup", "criu", "devices", "hooks", "host", "jsonscan", "launch", "linux", "plan", "program", "relay", "resctrl", "resources", "spec", "state", "systemd", "terminal", "unit"},
		"container is the public API; front ends are built on it, never below it"},
	{"box", []string{"container", "linux"},
		"box is a front end: a root file system and a specification, then the public API"},
	{"boot/reap", []string{"linux"},
		"reap waits for processes; what they are is its caller's business"},
	{"boot/modules", []string{"linux"},
		"modules loads what it is told to; which devices there are is its caller's business"},
	{"boot/pid1", []string{"boot/modules", "boot/reap", "linux"},
		"pid1 must not fail with a container: what is about containers happens in its children"},
	{"signame", nil,
		"signame reads names; who gets the signals is its caller's business"},
	{"boot/bundle", []string{"boot/reap", "cgroup", "container", "jsonscan", "linux", "resources", "spec", "state"},
		"bundle is a front end: what LinuxKit's runtime.json asks for around a container, which the public API makes; cgroup is there for those that are no container's"},
	{"boot/sequence", []string{"boot/bundle", "linux"},
		"sequence decides which bundle is next; what is done for one is bundle's business"},
	{"boot/service", []string{"boot/bundle", "boot/reap", "container", "linux", "signame"},
		"service decides when a bundle runs, again and again; what is done for one is bundle's business"},
	{"doctor", []string{"cgroup", "container", "criu", "host", "initvm", "launch", "linux", "program", "state", "systemd"},
		"doctor is a front end that asks each layer what it could do here; no layer asks doctor"},
	{"cmd/keg/argv", nil,
		"argv turns words into flags and knows no command"},
	{"cmd/keg", []string{"boot/bundle", "boot/modules", "boot/pid1", "boot/reap", "boot/sequence", "boot/service", "cmd/keg/argv", "box", "container", "doctor", "plan", "signame", "spec", "unit"},
		"a command turns flags into calls and results into text; work that it does itself is work that the API lacks"},
}

// outside says which packages may import a module that is not keg's.
var outside = []arrow{
	{"golang.org/x/sys/", []string{"linux"},
		"one package owns raw system calls, so that O_CLOEXEC, EINTR and error types are right in one place; add a wrapper to linux"},
	{"github.com/godbus/dbus/", []string{"systemd", "unit"},
		"one package speaks D-Bus, and unit reads the values of annotations with it: the library reflects and links net, which is for --systemd-cgroup alone"},
	{"github.com/checkpoint-restore/go-criu/v8/rpc", []string{"criu"},
		"one package speaks CRIU's protocol; of the library only its messages are linked, which register nothing when keg starts"},
	{"github.com/vishvananda/", []string{"boot/bundle"},
		"one package makes and moves network interfaces, for machines that boot; containers that engines start have their network from them"},
	{"github.com/pelletier/go-toml/v2", []string{"doctor"},
		"the engines' configurations are for doctor alone to read"},
	{"github.com/opencontainers/runtime-spec/", []string{"boot/bundle", "box", "cmd/keg", "container", "devices", "hooks", "plan", "resources", "seccomp", "spec"},
		"the layers that run a plan have no need of the specification's types"},
}

// ban forbids packages to some importers, directly.
type ban struct {
	importers []string
	what      []string // a name ending in / stands for everything below it
	why       string
}

var bans = []ban{
	{
		[]string{"program", "cpulist", "jsonscan", "devices", "unit", "resources", "seccomp", "spec", "plan"},
		[]string{"os", "os/", "io/ioutil", "net", "net/", "log", "log/", "testing"},
		"this package is pure: same input, same output, on any machine and without privileges; take what you need to know as an argument",
	},
	{
		[]string{"linux", "program", "cpulist", "jsonscan", "devices", "unit", "systemd", "resources", "seccomp", "spec", "plan", "initvm", "cgroup", "resctrl", "hooks", "relay", "state", "launch", "host", "terminal", "criu", "container"},
		[]string{"encoding/json", "encoding/json/", "encoding/gob", "encoding/xml", "reflect", "regexp", "regexp/", "text/template", "html/template", "net", "net/"},
		"this package is on the way of create, start, state and delete: reflection, regular expressions and resolvers cost more at a cold start than the container does",
	},
	{
		[]string{"*"},
		[]string{"C", "plugin", "runtime/cgo", "net/http/pprof", "expvar"},
		"keg is one static binary without cgo, and serves nothing over a network",
	},
	{
		[]string{"*"},
		[]string{"os/user"},
		"names of users come from the container's files; the host's mean nothing there",
	},
}

// excepted are imports that a ban covers and a reason allows.
var excepted = []arrow{
	{"spec", []string{"encoding/json"},
		"`keg spec` writes a config.json with it; nothing that makes or runs a container calls that"},
	{"systemd", []string{"net"},
		"a manager's socket is net's, which can be closed under a reader of the library's; nothing is resolved, and only --systemd-cgroup comes here"},
}

// linked may not be in the keg binary at all, through whatever import.
var linked = map[string]string{
	"net/http":    "keg fetches no images: it has no business with a network",
	"crypto/tls":  "keg fetches no images: it has no business with a network",
	"runtime/cgo": "keg is static and starts without a libc",
	"log/syslog":  "keg's log is the file that the engine names",
}
