package bundle

import oci "github.com/opencontainers/runtime-spec/specs-go"

// Runtime is a runtime.json. The members that LinuxKit's tool does not write are
// keg's own.
type Runtime struct {
	Mounts     []Mount
	Mkdir      []string
	Cgroups    []Cgroup
	Interfaces []Interface
	BindNS     Namespaces
	Namespace  string // of containerd, for services: keg needs none

	Unknown []string `json:"-"` // paths of members that nobody knows, which may be misspelt
}

// Mount is done before the container is made. A relative destination is below
// the container's root.
type Mount struct {
	Destination string
	Type        string
	Source      string
	Options     []string
}

// Cgroup is one that is there before the container. In runtime.json it is a
// path, or an object with limits.
type Cgroup struct {
	Path   string
	Limits *oci.LinuxResources // keg's own; nil: none
}

// Interface is a network interface of the container's.
type Interface struct {
	Name         string // in the container; without Add that of one on the machine, which is moved
	Add          string // its type, of one that is made
	Peer         string // the other end of a veth, on the machine
	CreateInRoot bool   // made on the machine, and then moved: a wireguard's socket stays there

	// keg's own:
	Rename  string   // what one that is moved is called in the container
	Parent  string   // of a macvlan, ipvlan, vlan or macvtap: one on the machine
	VLAN    uint16   // of a vlan: its number
	Address []string // 192.0.2.7/24; in runtime.json one may stand without a list
	MTU     uint32
	Up      bool
}

// Namespaces are files that the container's namespaces are bound to, so that
// they outlive it. "": not that one.
type Namespaces struct {
	Cgroup, IPC, Mnt, Net, PID, User, UTS string
}

// each names them as /proc does, in LinuxKit's order.
func (n Namespaces) each() []namespaceFile {
	return []namespaceFile{
		{"cgroup", n.Cgroup}, {"ipc", n.IPC}, {"mnt", n.Mnt}, {"net", n.Net}, {"pid", n.PID}, {"user", n.User}, {"uts", n.UTS},
	}
}

type namespaceFile struct{ name, file string }
