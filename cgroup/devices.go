package cgroup

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/keg-project/keg/devices"
	"github.com/keg-project/keg/linux"
)

// DeviceControl is what can enforce rules for devices in these cgroups: where
// v1's controller has a hierarchy, that; else a program.
func DeviceControl(dirs []Dir) devices.Control {
	control := devices.None
	for _, d := range dirs {
		switch {
		case d.Has("devices"):
			return devices.V1Files
		case d.V2():
			control = devices.Program
		}
	}
	return control
}

// SetDevices has the kernel enforce a set from now on, in a new cgroup or in
// one whose processes run, in the place of an earlier set. Neither files nor
// program need keg any longer.
func (c *Cgroup) SetDevices(s *devices.Set) error {
	for _, d := range c.dirs {
		if d.Has("devices") {
			return c.setDeviceFiles(d, s)
		}
	}
	for _, d := range c.dirs {
		if d.V2() {
			return setDeviceProgram(d, s)
		}
	}
	return fmt.Errorf("%s: %w", devices.Field, &unknownController{"devices"})
}

// setDeviceProgram attaches a program of keg's own beside what others, such as
// systemd, have attached: a device can be used if all allow it. An earlier
// one of keg's is replaced in one step.
func setDeviceProgram(d Dir, s *devices.Set) error {
	code, err := s.Program()
	if err != nil {
		return err
	}
	fd, err := linux.OpenCgroup(cwd, d.Name())
	if err != nil {
		return fmt.Errorf("%s: %w", devices.Field, err)
	}
	defer syscall.Close(fd)
	if err := attachDeviceProgram(fd, code, s.AllowsAll()); err != nil {
		hint := ""
		if errors.Is(err, syscall.EPERM) {
			hint = " (hint: keg itself runs where bpf(2) is forbidden: by a seccomp profile, or by the kernel's lockdown)"
		}
		return fmt.Errorf("%s: %s: %w%s", devices.Field, d.Name(), err, hint)
	}
	return nil
}

func attachDeviceProgram(cgroup int, code []uint64, needless bool) error {
	old, err := linux.DevicePrograms(cgroup, devices.Name)
	if err != nil || len(old) == 0 && needless {
		return err
	}
	defer func() {
		for _, fd := range old {
			syscall.Close(fd)
		}
	}()
	program, err := linux.LoadDeviceProgram(devices.Name, code)
	if err != nil {
		return err
	}
	defer syscall.Close(program)
	if len(old) == 0 {
		return linux.AttachDeviceProgram(cgroup, program, -1)
	}
	return linux.AttachDeviceProgram(cgroup, program, old[0])
}

// setDeviceFiles writes what differs from what is there. Where the default has
// to be set, which drops all exceptions, the processes stand still meanwhile.
func (c *Cgroup) setDeviceFiles(d Dir, s *devices.Set) error {
	v, err := s.V1()
	if err != nil {
		return err
	}
	before, err := readFile(d.Name() + "/devices.list")
	if err != nil {
		return fmt.Errorf("%s: %w", devices.Field, err)
	}
	if v.Disturbs(before) {
		goOn, err := c.standStill(d)
		if err != nil {
			return fmt.Errorf("%s: stop the processes while the default changes: %w", devices.Field, err)
		}
		defer goOn()
	}
	if err := writeDevices(d, v.From(before)); err != nil {
		return errors.Join(err, undoDevices(d, before))
	}
	return nil
}

func writeDevices(d Dir, commands []devices.Command) error {
	for _, w := range commands {
		err := writeFile(d.Name()+"/"+w.File, w.Line)
		if err == nil || w.Optional && errors.Is(err, syscall.EPERM) {
			continue
		}
		hint := ""
		switch {
		case errors.Is(err, syscall.EPERM):
			hint = " (hint: the cgroup above does not allow it: see its devices.list)"
		case errors.Is(err, syscall.EINVAL) && w.Line == "a":
			hint = " (hint: the default cannot be changed while there are sub-cgroups)"
		}
		return fmt.Errorf("%s: %w (value %q)%s", w.Field, err, w.Line, hint)
	}
	return nil
}

// undoDevices puts back what devices.list has shown. Where it has shown that
// all is allowed, what was denied of it is not known: nothing is put back.
func undoDevices(d Dir, before string) error {
	v, ok := devices.ParseV1(before)
	if !ok {
		return nil
	}
	now, err := readFile(d.Name() + "/devices.list")
	if err != nil {
		return err
	}
	return writeDevices(d, v.From(now))
}

// standStill stops the processes of a cgroup, if there are any and they run.
func (c *Cgroup) standStill(d Dir) (goOn func(), err error) {
	nothing := func() {}
	pids, err := appendPids(nil, d, true)
	if len(pids) == 0 || err != nil {
		return nothing, err
	}
	if frozen, err := c.Frozen(); frozen || err != nil {
		return nothing, err
	}
	if err := c.Freeze(); err != nil {
		return nothing, err
	}
	return func() { c.Thaw() }, nil
}
