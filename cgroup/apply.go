package cgroup

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"

	"github.com/keg-project/keg/resources"
)

// Apply writes limits into a cgroup that was just made. After an error some
// are in force.
func (c *Cgroup) Apply(limits []resources.Write) error {
	c.enableFor(limits)
	_, err := c.applyAll(limits)
	return err
}

// applyAll writes in order, and again what was refused for as long as that
// helps: values bound each other (v1's memory.limit_in_bytes and memsw, quota
// and burst), and which has to go first depends on what is there. It returns
// what was written, in the order in which it was.
func (c *Cgroup) applyAll(limits []resources.Write) (done []resources.Write, err error) {
	var absent []*limitError
	for len(limits) > 0 {
		var again []resources.Write
		var refused error
		for _, w := range limits {
			switch err := c.apply(w); {
			case err == nil:
				done = append(done, w)
			case w.Either && notHere(err):
				absent = append(absent, err.(*limitError))
			case !dependent(err):
				return done, err
			default:
				again, refused = append(again, w), errors.Join(refused, err)
			}
		}
		if len(again) == len(limits) {
			return done, refused
		}
		limits = again
	}
	if err := without(done, absent); err != nil {
		return done, err
	}
	return done, c.cpusetsInEffect(done)
}

// notHere tells whether the kernel, or the disk that a line is for, does not
// have what a value is for.
func notHere(err error) bool {
	return errors.Is(err, syscall.ENOENT) || errors.Is(err, syscall.EOPNOTSUPP)
}

// without returns the error of a field of which no write was done.
func without(done []resources.Write, absent []*limitError) error {
	for _, e := range absent {
		if !slices.ContainsFunc(done, func(w resources.Write) bool { return w.Field == e.write.Field }) {
			return e
		}
	}
	return nil
}

// dependent tells whether another value can be why the kernel refused this one.
func dependent(err error) bool {
	return errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.EBUSY)
}

func (c *Cgroup) apply(w resources.Write) error {
	d, ok := c.dirOf(w.Controller)
	if !ok {
		return &limitError{w, &unknownController{w.Controller}, ""}
	}
	name := d.Name() + "/" + w.File
	err := writeFile(name, w.Value)
	if err == nil || errors.Is(err, syscall.ENOENT) && holdsAnyway(w) {
		return nil
	}
	if errors.Is(err, syscall.ENOENT) && d.V2() {
		if hint, why := missing(d, w.Controller); why != nil {
			return &limitError{w, why, hint}
		}
	}
	return &limitError{w, err, hint(name, w, err)}
}

// file is where a value is written.
func (c *Cgroup) file(w resources.Write) (string, error) {
	d, ok := c.dirOf(w.Controller)
	if !ok {
		return "", &limitError{w, &unknownController{w.Controller}, ""}
	}
	return d.Name() + "/" + w.File, nil
}

// limitError is a limit that could not be set.
type limitError struct {
	write resources.Write
	err   error
	hint  string
}

func (e *limitError) Unwrap() error { return e.err }

func (e *limitError) Error() string {
	text := fmt.Sprintf("%s: %v (value %q)", e.write.Field, e.err, e.write.Value)
	if e.hint != "" {
		text += " (hint: " + e.hint + ")"
	}
	return text
}

// holdsAnyway tells whether what was asked for is so without the file. The
// files of swap are missing where the kernel does not account it; that nothing
// is swapped is then true only of a machine without swap.
func holdsAnyway(w resources.Write) bool {
	return w.Optional || slices.Contains(swapFiles, w.File) && !machineSwaps()
}

var swapFiles = []string{"memory.swap.max", "memory.memsw.limit_in_bytes"}

// machineSwaps reads /proc/swaps: a line for each area below the heading.
func machineSwaps() bool {
	text, err := readFile("/proc/swaps")
	return err != nil || strings.Contains(text, "\n")
}

// dirOf finds the hierarchy of a controller: what no v1 hierarchy has is in the
// unified one, if there is one.
func (c *Cgroup) dirOf(controller string) (Dir, bool) {
	unified, found := Dir{}, false
	for _, d := range c.dirs {
		if d.V2() {
			unified, found = d, true
		} else if controller != "" && d.Has(controller) {
			return d, true
		}
	}
	return unified, found
}
