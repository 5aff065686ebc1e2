// Package state keeps what must outlive the command that made a container: a
// directory for each, ROOT/ID, with its lock, state.json, the config.json as
// it was at create, and the FIFOs that the container's init waits on.
//
// An id is in use when its directory has a state.json or is locked. The lock
// is a flock on the directory itself, which a killed keg cannot leave behind;
// state.json appears by rename when all else is there, and goes first, so
// that what a killed keg leaves is either a whole container or no container.
//
// It is not a database: nothing here acts on processes, cgroups or mounts,
// and it does not know how a configuration is read.
package state
