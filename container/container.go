// Package container is keg's public Go API: the life of a container from its
// bundle to its removal.
package container

import (
	"errors"
	"time"
)

// Errors that callers tell apart with errors.Is. Their texts are those that
// engines look for in runc's messages.
var (
	ErrNotExist   = errors.New("container does not exist")
	ErrExist      = errors.New("container with given ID already exists")
	ErrNotRunning = errors.New("container not running")
	ErrInvalidID  = errors.New("invalid container id")
)

// Status is a container's status as the runtime specification names it.
// https://github.com/opencontainers/runtime-spec/blob/main/runtime.md#state
type Status string

const (
	Creating Status = "creating"
	Created  Status = "created"
	Running  Status = "running"
	Paused   Status = "paused"
	Stopped  Status = "stopped"
)

// Info describes a container: what `keg state` and `keg list` print.
type Info struct {
	OCIVersion  string
	ID          string
	Pid         int // 0 when stopped
	Status      Status
	Bundle      string
	Rootfs      string
	Created     time.Time
	Annotations map[string]string
	Owner       string
}
