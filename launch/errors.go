package launch

import (
	"errors"
	"fmt"
	"os"
)

// FieldError is about what one field of the configuration asks for.
type FieldError struct {
	Field string
	Err   error
}

func (e *FieldError) Error() string { return e.Field + ": " + e.Err.Error() }

func (e *FieldError) Unwrap() error { return e.Err }

// cgroupField is the field of errors about the process's cgroup.
const cgroupField = "linux.cgroupsPath"

func fieldError(field string, err error) error {
	if err == nil || field == "" {
		return err
	}
	return &FieldError{field, err}
}

// hinted says what to do about a permission that is missing.
func hinted(err error, hint string) error {
	if !errors.Is(err, os.ErrPermission) {
		return err
	}
	return fmt.Errorf("%w (hint: %s)", err, hint)
}
