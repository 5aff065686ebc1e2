// Package plan compiles a config.json into the steps that make the container:
// a pure function of the specification and of facts about the host. It makes
// no system call, so its result can be printed, compared and tested without
// privileges.
//
// It is not for doing anything: package launch carries the host's steps out,
// the interpreter of package initvm those of the init.
package plan

import (
	"slices"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/devices"
	"github.com/keg-project/keg/program"
	"github.com/keg-project/keg/resources"
	"github.com/keg-project/keg/unit"
)

// Input is everything that a plan depends on.
type Input struct {
	Spec   *oci.Spec
	ID     string
	Bundle string // absolute
	Host   Facts
	Scope  *unit.Scope // systemd's unit that the container will be; nil: keg makes the cgroups itself

	NoCgroup     bool   // the container stays in keg's own cgroups
	ListenFDs    int    // descriptors from 3 on that the program takes as its sockets, as sd_listen_fds(3) has it
	ListenNames  string // their names, if they have any
	PreserveFDs  int    // descriptors after them that the program inherits
	NotifySocket string // of keg's caller, for what the program says by sd_notify(3); "" for none
	Wait         bool   // create: wait for start before execve
	Attached     bool   // keg stays until the container ends
	OwnStderr    bool   // standard error is not the container's terminal, but what keg has there
	NoPivot      bool
	NoNewKeyring bool
	Created      int64 // nanoseconds of the Unix time of the container's creation; 0: it is not being created
}

// Facts are what the plan has to know of the host.
type Facts struct {
	UID, GID   int
	Privileged bool   // CAP_SYS_ADMIN over the mount namespace that keg runs in
	Mknod      bool   // device nodes can be made
	LastCap    int    // the highest capability that the kernel knows
	Withheld   uint64 // the capabilities that keg can give nobody, but in a user namespace
	Initramfs  bool   // the root is an initramfs, which pivot_root refuses to leave
	AppArmor   bool   // profiles can be set
	SELinux    bool   // labels can be set

	Resources    resources.Facts // of the cgroups that the container will have
	Devices      devices.Facts   // but for what the container's namespaces decide
	CgroupMounts []CgroupMount   // the container's cgroup in each hierarchy
}

// CgroupMount is one hierarchy as a container sees it below its cgroup mount.
type CgroupMount struct {
	Name        string   // directory below the mount: "cpu,cpuacct", "systemd"; "" on pure v2
	Options     string   // data of the file system: "cpu,cpuacct", "none,name=systemd"
	Path        string   // the container's cgroup on the host; "" if it has none
	Unified     bool     // cgroup2, in hybrid mode
	Controllers []string // each has a link to Name where it is named otherwise
}

// Plan is everything that happens until the container's program runs. Steps
// happen in the order of the lists; the two lists meet at the handshake.
type Plan struct {
	Host     []HostStep
	Init     []Step
	Warnings []string

	Program     *program.Builder
	CloneFlags  uint64   // namespaces that the first process is cloned into
	Ambient     bool     // it gets every capability as ambient: it starts in a user namespace without mappings
	Joins       bool     // it is for a process that joins a running container
	CPUs        []uint64 // mask of the CPUs that the first process is cloned on; nil: wherever keg may run
	Staged      bool     // the first process clones the init and ends
	FDs         []FD     // FDs[i] is descriptor i of the first process
	SyncFD      int      // which of them is the handshake's socket
	Maps        *IDMaps
	Limits      []resources.Write
	Scope       *unit.Scope // nil: keg makes the cgroups itself
	ScopeLimits []unit.Property
	Devices     *devices.Set // to enforce; nil: none
	CopyUps     []string     // fields of the mounts for which the init asks MsgCopyUp, in order
	args0       string       // the name of the program, for messages
}

// Step is one thing that the init does.
type Step struct {
	Field  string // the config field it comes from: "mounts[3]"; "" if from none
	Title  string // what it does, for a person
	First  int    // index of its first op
	End    int    // index after its last op
	Stage  bool   // done by the first process of a staged plan, before it clones the init
	Awaits Action // it waits until the host's steps up to this one are done
}

// HostStep is one thing that keg does itself.
type HostStep struct {
	Field  string
	Title  string
	Action Action
	// What the action needs.
	Name    string // cgroup, network device
	NewName string
	Value   int
	Limit   Limit
}

// HasStep tells whether keg does something of that kind.
func (p *Plan) HasStep(a Action) bool {
	return slices.ContainsFunc(p.Host, func(s HostStep) bool { return s.Action == a })
}

// Action is the kind of a host step.
type Action uint8

// The host's actions, in the order in which they happen.
const (
	SaveState Action = iota
	MakeCgroup
	SetLimit
	SetDevices
	Delegate
	MakeResctrl
	OpenFD
	PinCPUs
	CloneInit
	WriteMaps
	OOMScore
	RaiseLimit
	MoveDevice
	JoinResctrl
	StartScope
	EnterSubgroup
	LetGo
	CreateHooks // prestart, createRuntime, createContainer
	StartHooks  // startContainer
	PoststartHooks
	PoststopHooks
)

// Limit is a resource limit that only the host side may raise. setrlimit(2)
type Limit struct {
	Resource   int
	Soft, Hard uint64
}

// IDMapping is one line of an id map.
type IDMapping = oci.LinuxIDMapping

// IDMaps are the mappings of a new user namespace.
type IDMaps struct {
	UID, GID []IDMapping
}

// FDKind says what a descriptor of the first process is.
type FDKind uint8

// The kinds of descriptors.
const (
	FDStdio     FDKind = iota // keg's own descriptor of that number
	FDSync                    // the handshake's socket
	FDStart                   // FIFO: `start` writes a byte to it
	FDExec                    // FIFO: a failed execve is reported to it
	FDNamespace               // namespace file Path, of type NSType
	FDTree                    // detached copy of the mount at Path
	FDTasks                   // thread list of the v1 cgroup at Path; closed where there is no cgroup
	FDPidfd                   // the init of the container that a process joins
	FDRoot                    // that init's root directory
	FDProc                    // keg's /proc
)

// FD is one descriptor that the first process inherits.
type FD struct {
	Kind      FDKind
	Field     string
	Path      string
	Else      string // FDTree: instead of a Path that does not exist; "": an error
	NSType    uint64 // CLONE_NEW*, checked with NS_GET_NSTYPE
	Recursive bool   // FDTree: with the mounts below
	IDMap     *IDMap
}

// IDMap says how a tree is idmapped. mount_setattr(2), MOUNT_ATTR_IDMAP
type IDMap struct {
	Maps      IDMaps
	NSPath    string // an existing user namespace, instead of Maps
	Recursive bool
}

// Rootfs is the absolute path of the container's root on the host.
func (in *Input) Rootfs() string { return absolute(in.Bundle, in.Spec.Root.Path) }
