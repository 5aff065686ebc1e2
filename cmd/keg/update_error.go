package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/keg-project/keg/spec"
)

// fieldsOfFlags are the fields of linux.resources that flags of update stand for.
var fieldsOfFlags = []struct{ field, flag string }{
	{"cpu.period", "--cpu-period"}, {"cpu.quota", "--cpu-quota"}, {"cpu.burst", "--cpu-burst"}, {"cpu.shares", "--cpu-share"},
	{"cpu.idle", "--cpu-idle"}, {"cpu.realtimePeriod", "--cpu-rt-period"}, {"cpu.realtimeRuntime", "--cpu-rt-runtime"},
	{"cpu.cpus", "--cpuset-cpus"}, {"cpu.mems", "--cpuset-mems"},
	{"memory.limit", "--memory"}, {"memory.reservation", "--memory-reservation"}, {"memory.swap", "--memory-swap"},
	{"pids.limit", "--pids-limit"}, {"blockIO.weight", "--blkio-weight"},
}

const resourcesField = "linux.resources."

// inFlags says what is wrong with limits by the flags that they were given by.
func inFlags(err error) error {
	var list spec.Violations
	if errors.As(err, &list) {
		for i := range list {
			list[i].Path = resourcesField + list[i].Path
		}
		err = list
	}
	for _, f := range fieldsOfFlags {
		err = rename(err, resourcesField+f.field, f.flag)
	}
	return err
}

// inFile says it by the fields of the file, where linux.resources is all there is.
func inFile(name string, err error) error {
	if err == nil {
		return nil
	}
	if name == "-" {
		name = "standard input"
	}
	return fmt.Errorf("--resources: %s: %w", name, rename(err, resourcesField, ""))
}

// renamed is an error in words of the one who reads it.
type renamed struct {
	text string
	err  error
}

func (e *renamed) Error() string { return e.text }
func (e *renamed) Unwrap() error { return e.err }

func rename(err error, field, as string) error {
	if err == nil || !strings.Contains(err.Error(), field) {
		return err
	}
	return &renamed{strings.ReplaceAll(err.Error(), field, as), err}
}
