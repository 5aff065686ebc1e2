package state

import "time"

// Version is the version of state.json that this keg writes. It rises when an
// older keg would misread a newer file; a new field alone does not need it.
const Version = 1

// State is what state.json holds.
type State struct {
	OCIVersion  string
	ID          string
	Pid         int    // of the container's init; 0 until there is one
	StartTime   uint64 // of the init, field 22 of /proc/PID/stat: pids are used again
	Bundle      string
	Rootfs      string
	Created     time.Time
	Owner       int // uid of who created it
	Annotations map[string]string
	Cgroups     []Cgroup
	Unit        string   // of systemd's, that the cgroups are; "" for none
	UserUnit    bool     // it is the user manager's
	Hooks       []string // fields of config.json that have hooks: "hooks.poststop"
	Phase       Status   // while hooks run that come before the program: their status; "" otherwise

	Resctrl        Resctrl
	MemorySwap     int64  // memory and swap together, as an update has limited them; 0: none has, -1: it has lifted the limit
	DevicesChanged bool   // an update has changed linux.resources.devices
	PidFile        string // absolute; "" for none
	NoNewKeyring   bool   // its processes keep the session keyring of who starts them
}

// Resctrl is the container's group of the resctrl file system; its fields are
// those of resctrl.Group.
type Resctrl struct {
	Dir     string // "" for none
	Monitor string
	Own     bool
}

// Cgroup is the container's cgroup in one hierarchy; its fields are those of
// cgroup.Dir, so that one converts to the other.
type Cgroup struct {
	Controllers string
	Mount       string
	Path        string
}
