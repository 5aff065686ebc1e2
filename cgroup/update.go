package cgroup

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/keg-project/keg/resources"
)

// Update changes the limits of a cgroup in use: all of them or, when one is
// refused, none. What had been written by then is put back; the error says so
// where that fails as well. It returns the writes that bring back what was
// before, the last first.
func (c *Cgroup) Update(limits []resources.Write) (old []resources.Write, err error) {
	c.enableFor(limits)
	limits = slices.Clone(limits)
	for i := range limits {
		w := &limits[i]
		if err := c.checkUsage(*w); err != nil {
			return nil, err
		}
		before, known, err := c.current(*w)
		if err != nil {
			return nil, err
		}
		if !known {
			continue
		}
		if w.Keep {
			w.Value = keepFirst(before.Value, w.Value)
		}
		old = append(old, before)
	}
	slices.Reverse(old)
	done, err := c.applyAll(limits)
	if err == nil {
		return old, nil
	}
	if _, undo := c.applyAll(undone(old, done)); undo != nil {
		err = fmt.Errorf("%w\nthe old limits could not be put back: %w", err, undo)
	}
	return nil, err
}

// Current are the writes that bring back what the files of limits say now, the
// last first. What cannot be read is left out, as Update leaves it.
func (c *Cgroup) Current(limits []resources.Write) []resources.Write {
	var old []resources.Write
	for _, w := range slices.Backward(limits) {
		if before, known, err := c.current(w); known && err == nil {
			old = append(old, before)
		}
	}
	return old
}

// undone are the old values of what was written, the last first.
func undone(old, done []resources.Write) []resources.Write {
	var undo []resources.Write
	for _, w := range slices.Backward(done) {
		for _, o := range old {
			if o.Controller == w.Controller && o.File == w.File && key(o) == key(w) {
				undo = append(undo, o)
			}
		}
	}
	return undo
}

// checkUsage refuses a limit that what is used now exceeds. runtime-spec
// config-linux.md#memory, checkBeforeUpdate: v2 would kill processes instead.
func (c *Cgroup) checkUsage(w resources.Write) error {
	limit, err := strconv.ParseUint(w.Value, 10, 64)
	if w.NotBelow == "" || err != nil { // err: "max"
		return nil
	}
	file := w
	file.File = w.NotBelow
	name, err := c.file(file)
	if err != nil {
		return err
	}
	text, err := readFile(name)
	if err != nil {
		return &limitError{w, err, ""}
	}
	used, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return &limitError{w, err, ""}
	}
	if limit < used {
		return &limitError{w, fmt.Errorf("%s is %d already", name, used), "leave out checkBeforeUpdate to have processes killed"}
	}
	return nil
}

// current is the write that brings back what a file says now. Not known is a
// file that is missing, or that tells nothing.
func (c *Cgroup) current(w resources.Write) (before resources.Write, known bool, err error) {
	name, err := c.file(w)
	if err != nil {
		return w, false, err
	}
	text, err := readFile(name)
	if err != nil {
		return w, false, nil
	}
	w.Value, w.Optional, w.Keep, w.NotBelow = text, false, false, ""
	switch {
	case w.Reset != "":
		w.Value = lineOf(w.Value, w.Reset)
	case w.File == "memory.oom_control": // it is written as a number alone
		w.Value = strings.TrimPrefix(lineOf(w.Value, "oom_kill_disable 0"), "oom_kill_disable ")
	case w.File == "cpu.weight" && w.Value == "0": // cpu.idle is set, and is put back
		return w, false, nil
	case w.Value == "": // an empty write does not reach the kernel
		w.Value = "\n"
	}
	return w, true, nil
}

// lineOf finds the line of text that has the key of reset; reset itself where
// there is none.
func lineOf(text, reset string) string {
	name, _, _ := strings.Cut(reset, " ")
	for line := range strings.SplitSeq(text, "\n") {
		if strings.HasPrefix(line, name+" ") {
			return line
		}
	}
	return reset
}

// key tells the lines of one file apart.
func key(w resources.Write) string {
	if w.Reset == "" {
		return ""
	}
	name, _, _ := strings.Cut(w.Reset, " ")
	return name
}

// keepFirst replaces the first word of value by that of old.
func keepFirst(old, value string) string {
	first, _, _ := strings.Cut(old, " ")
	_, rest, _ := strings.Cut(value, " ")
	return first + " " + rest
}
