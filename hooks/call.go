package hooks

import (
	"errors"
	"fmt"
	"runtime"
	"strconv"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/linux"
)

// Call says how the hooks of one list are called.
type Call struct {
	Field  string     // of config.json: "hooks.prestart"
	Hooks  []oci.Hook // in the listed order
	State  []byte     // JSON, on standard input
	Stdout string     // file that the output is appended to; "": it is kept for the error
	Stderr string
	Start  Start

	Waiting func() error // asked now and then while a hook runs: an error ends it; nil: nobody asks
}

// Start starts a hook with these descriptors as its only ones. The error
// begins with what went wrong, as the field is named already.
type Start func(h *oci.Hook, stdio [3]int) (Process, error)

// Process is a hook that runs: a child of the caller's, and the first process
// of a session.
type Process struct {
	Pid   int
	Pidfd int // closed once it has ended
}

// Run calls the hooks in their order until one fails.
func (c *Call) Run() error {
	for i := range c.Hooks {
		if err := c.run(i); err != nil {
			return err
		}
	}
	return nil
}

// RunAll calls all hooks, whatever becomes of the others.
func (c *Call) RunAll(failed func(error)) {
	for i := range c.Hooks {
		if err := c.run(i); err != nil {
			failed(err)
		}
	}
}

func (c *Call) run(i int) error {
	// The signal of a parent's death is that of the thread that was the parent.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	h := &c.Hooks[i]
	field := c.Field + "[" + strconv.Itoa(i) + "]"
	s, err := c.streams()
	if err != nil {
		return fmt.Errorf("%s: %w", field, err)
	}
	defer s.close()
	p, err := c.start(h, s.theirs)
	var e *FieldError
	if errors.As(err, &e) {
		return fmt.Errorf("%s.%w", field, err)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", field, err)
	}
	s.given()
	w := watch{Process: p, streams: s, timeout: timeout(h), waiting: c.Waiting}
	if err := w.untilEnd(); err != nil {
		return fmt.Errorf("%s: %s: %w%s", field, h.Path, err, s.output.said())
	}
	return nil
}

// start starts the hook with no signal blocked, whatever keg's caller blocks.
func (c *Call) start(h *oci.Hook, stdio [3]int) (Process, error) {
	restore, err := linux.UnblockSignals()
	if err != nil {
		return Process{}, err
	}
	defer restore()
	return c.Start(h, stdio)
}

// FieldError is about one member of a hook.
type FieldError struct {
	Field string // "path"
	Err   error
	Hint  string
}

func (e *FieldError) Error() string {
	text := e.Field + ": " + e.Err.Error()
	if e.Hint != "" {
		text += " (hint: " + e.Hint + ")"
	}
	return text
}

func (e *FieldError) Unwrap() error { return e.Err }
