package state

import (
	"errors"
	"strconv"
)

// Errors that callers tell apart with errors.Is. Their texts are those that
// engines look for in runc's messages.
var (
	ErrNotExist   = errors.New("container does not exist")
	ErrExist      = errors.New("container with given ID already exists")
	ErrNotRunning = errors.New("container not running")
	ErrNotPaused  = errors.New("container not paused")
	ErrInvalidID  = errors.New("invalid container id")
)

// idError says of one container what its sentinel says of any.
type idError struct {
	text string
	is   error
}

func (e *idError) Error() string { return e.text }
func (e *idError) Unwrap() error { return e.is }

func notExist(id string) error {
	return &idError{"container " + strconv.Quote(id) + " does not exist", ErrNotExist}
}

func exists(id, why string) error {
	return &idError{ErrExist.Error() + ": " + strconv.Quote(id) + why, ErrExist}
}
