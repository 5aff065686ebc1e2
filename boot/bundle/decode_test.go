package bundle

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/keg-project/keg/jsonscan"
	"github.com/keg-project/keg/spec"
)

// What LinuxKit's tool writes, and what its service command would also read.
func TestDecode(t *testing.T) {
	for text, want := range map[string]Runtime{
		`null`: {},
		`{}`:   {},
		`{"mounts": null, "mkdir": null, "cgroups": null, "interfaces": null, "bindNS": null, "namespace": null}`: {},
		`{"unknown": [1, {}], "Namespace": "x", "MKDIR": ["a", "/b"]}`:                                            {Namespace: "x", Mkdir: []string{"a", "/b"}, Unknown: []string{"unknown"}},
		`{"mounts": [{"destination": "/d", "type": "tmpfs", "source": "tmpfs", "options": ["ro", "size=1m"], "more": 1}]}`: {
			Mounts: []Mount{{"/d", "tmpfs", "tmpfs", []string{"ro", "size=1m"}}}, Unknown: []string{"mounts[0].more"}},
		`{"bindNS": {"nets": "/a", "more": {"net": 1}}, "cgroups": [{"path": "a", "limit": {}}], "interfaces": [{"name": "a"}, {"name": "b", "pear": "c"}]}`: {
			Cgroups: []Cgroup{{Path: "a"}}, Interfaces: []Interface{{Name: "a"}, {Name: "b"}},
			Unknown: []string{"bindNS.nets", "bindNS.more", "cgroups[0].limit", "interfaces[1].pear"}},
		`{"mounts": [{"destination": "/d", "options": ["remount", "private"]}, {"destination": "/d", "options": ["rslave"]}]}`: {
			Mounts: []Mount{{Destination: "/d", Options: []string{"remount", "private"}}, {Destination: "/d", Options: []string{"rslave"}}}},
		`{"cgroups": ["a/b", {"path": "/c"}]}`:                        {Cgroups: []Cgroup{{Path: "a/b"}, {Path: "/c"}}},
		`{"bindNS": {"net": "/run/netns/a", "pid": "", "uts": null}}`: {BindNS: Namespaces{Net: "/run/netns/a"}},
		`{"bindns": {"Cgroup": "/1", "IPC": "/2", "mnt": "/3", "net": "/4", "pid": "/5", "user": "/6", "uts": "/7"}}`: {
			BindNS: Namespaces{"/1", "/2", "/3", "/4", "/5", "/6", "/7"}},
		`{"interfaces": [{"name": "a", "add": "veth", "peer": "b"}, {"name": "c", "peer": "d"}, {"name": "e", "createInRoot": true, "add": "wireguard"}]}`: {
			Interfaces: []Interface{{Name: "a", Add: "veth", Peer: "b"}, {Name: "c", Peer: "d"}, {Name: "e", Add: "wireguard", CreateInRoot: true}}},
		`{"interfaces": [{"name": "eth0", "rename": "lan", "address": "192.0.2.1/24", "mtu": 1400, "up": true}]}`: {
			Interfaces: []Interface{{Name: "eth0", Rename: "lan", Address: []string{"192.0.2.1/24"}, MTU: 1400, Up: true}}},
		`{"interfaces": [{"name": "v", "add": "vlan", "parent": "eth0", "vlan": 7, "address": ["2001:db8::1/64", "192.0.2.1/24"]}]}`: {
			Interfaces: []Interface{{Name: "v", Add: "vlan", Parent: "eth0", VLAN: 7, Address: []string{"2001:db8::1/64", "192.0.2.1/24"}}}},
		// A type that needs no peer does not mind one, as with LinuxKit.
		`{"interfaces": [{"name": "a", "add": "bridge", "peer": "b"}]}`: {Interfaces: []Interface{{Name: "a", Add: "bridge", Peer: "b"}}},
	} {
		if got, err := decode([]byte(text)); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n%+v, %v, want\n%+v", text, got, err, want)
		}
	}
}

func TestDecodeLimits(t *testing.T) {
	r, err := decode([]byte(`{"cgroups": [{"path": "p", "limits": {"pids": {"limit": 5}, "memory": {"limit": 1048576}}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if l := r.Cgroups[0].Limits; *l.Pids.Limit != 5 || *l.Memory.Limit != 1<<20 {
		t.Errorf("%+v", l)
	}
}

// Every field that is wrong is named, all of them at once.
func TestRefused(t *testing.T) {
	for text, want := range map[string]string{
		`[]`:           "found an array; allowed: an object",
		`{"mkdir": 1}`: "mkdir: found 1; allowed: an array",
		`{"mkdir": ["a", 1, true]}`: "mkdir[1]: found 1; allowed: a string\n" +
			"mkdir[2]: found true; allowed: a string",
		`{"mkdir": ["a\u0000b"]}`:                                                     `mkdir[0]: found "a\x00b"; allowed: a string without NUL`,
		`{"mounts": [{}, {"destination": "/a"}]}`:                                     "mounts[0].destination: found nothing",
		`{"mounts": [{"destination": "/a"}]}`:                                         "mounts[0].type: found nothing; allowed: a type of file system; or the option bind, remount, or one of propagation",
		`{"mounts": [{"destination": "/a", "type": "bind"}]}`:                         "mounts[0].source: found nothing; allowed: the path that is bound",
		`{"mounts": [{"destination": "/a", "options": ["ro", "\u0000"]}]}`:            `mounts[0].options[1]: found "\x00"`,
		`{"cgroups": [""]}`:                                                           "cgroups[0]: found nothing; allowed: a path below /sys/fs/cgroup",
		`{"cgroups": ["../x"]}`:                                                       `cgroups[0]: found "../x"; allowed: a path that stays below /sys/fs/cgroup`,
		`{"cgroups": ["/a/../../x"]}`:                                                 `cgroups[0]: found "/a/../../x"`,
		`{"cgroups": [{"limits": 1}]}`:                                                "cgroups[0].limits: found 1; allowed: an object",
		`{"cgroups": [{"path": "a", "limits": {"devices": [{"allow": true}]}}]}`:      "cgroups[0].limits.devices: found a list; allowed: nothing",
		`{"cgroups": [{"path": "a", "limits": {"cpu": {"cpus": "x"}}}]}`:              `cgroups[0].limits.cpu.cpus: found "x"`,
		`{"interfaces": [{}]}`:                                                        "interfaces[0].name: found nothing; allowed: an interface's name",
		`{"interfaces": [{"name": "a/b"}]}`:                                           `interfaces[0].name: found "a/b"`,
		`{"interfaces": [{"name": "1234567890123456"}]}`:                              `interfaces[0].name: found "1234567890123456"; allowed: an interface's name: at most 15 bytes, without space, colon and slash`,
		`{"interfaces": [{"name": "a"}, {"name": "a", "add": "veth"}]}`:               "interfaces[1].peer: found nothing; allowed: the name of a veth's other end",
		`{"interfaces": [{"name": "a", "peer": "b c"}]}`:                              `interfaces[0].peer: found "b c"`,
		`{"interfaces": [{"name": "a", "rename": ".."}]}`:                             `interfaces[0].rename: found ".."`,
		`{"interfaces": [{"name": "a", "add": "bridge", "rename": "b"}]}`:             `interfaces[0].rename: found "b"; allowed: nothing for an interface that is made`,
		`{"interfaces": [{"name": "a", "add": "macvlan"}]}`:                           "interfaces[0].parent: found nothing",
		`{"interfaces": [{"name": "a", "parent": "b"}]}`:                              `interfaces[0].parent: found "b"; allowed: nothing but for macvlan macvtap ipvlan ipvtap vlan`,
		`{"interfaces": [{"name": "a", "add": "vlan", "parent": "b", "vlan": 4095}]}`: "interfaces[0].vlan: found 4095; allowed: 1 to 4094",
		`{"interfaces": [{"name": "a", "vlan": 1}]}`:                                  "interfaces[0].vlan: found 1; allowed: nothing but for a vlan",
		`{"interfaces": [{"name": "a", "address": "192.0.2.1"}]}`:                     `interfaces[0].address[0]: found "192.0.2.1"; allowed: an address with the length of its network, such as 192.0.2.7/24`,
		`{"interfaces": [{"name": "a", "mtu": 67}]}`:                                  "interfaces[0].mtu: found 67; allowed: 68 or more",
		`{"interfaces": [{"name": "a", "mtu": -1}]}`:                                  "interfaces[0].mtu: found -1; allowed: an integer from 0 to 4294967295",
		`{"bindNS": {"net": "run/x"}}`:                                                `bindNS.net: found "run/x"; allowed: the absolute path of a file`,
		`{"bindNS": {"net": "/run/"}}`:                                                `bindNS.net: found "/run/"`,
		`{"bindNS": {"net": "/run/x", "uts": "/run//x"}}`:                             `bindNS.uts: found "/run//x"; allowed: another path than bindNS.net's`,
	} {
		_, err := decode([]byte(text))
		var violations spec.Violations
		if !errors.As(err, &violations) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s:\n%v, want\n%s", text, err, want)
		}
	}
}

func TestSyntax(t *testing.T) {
	for text, want := range map[string]string{
		"":                     `1:1: found the end of the text`,
		`{"mkdir": ["a",]}`:    `1:16: mkdir[1]: found "]"`,
		"{}\n{}":               "2:1: found",
		`{"mounts": [{"type":`: "mounts[0].type: found the end of the text",
	} {
		_, err := decode([]byte(text))
		var syntax *jsonscan.SyntaxError
		if !errors.As(err, &syntax) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func TestOptionTableIsSorted(t *testing.T) {
	for i := 1; i < len(optionTable); i++ {
		if optionTable[i-1].name >= optionTable[i].name {
			t.Errorf("%s is not before %s", optionTable[i-1].name, optionTable[i].name)
		}
	}
}
