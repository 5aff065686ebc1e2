package state

import (
	"fmt"
	"time"

	"github.com/keg-project/keg/jsonscan"
)

var stateFields = []string{
	"version", "ociVersion", "id", "pid", "startTime", "bundle", "rootfs",
	"created", "owner", "annotations", "cgroups", "noNewKeyring", "hooks", "phase",
	"resctrl", "resctrlMonitor", "resctrlOwn", "pidFile", "memorySwap",
	"unit", "userUnit", "devicesChanged",
}

// decode reads state.json. Fields it does not know are a newer keg's.
func decode(data []byte) (State, error) {
	var s State
	version := 0
	scan := jsonscan.New(data)
	for ok := scan.Object(); ok && scan.Member(); {
		if scan.Field(stateFields) == 0 {
			jsonscan.Int(scan, &version)
		} else {
			s.member(scan)
		}
	}
	wrong, err := scan.Close()
	switch {
	case err != nil:
		return State{}, err
	case len(wrong) > 0:
		return State{}, fmt.Errorf("%s: %s, not %s", wrong[0].Path, wrong[0].Found, wrong[0].Allowed)
	case version != Version:
		return State{}, fmt.Errorf("version %d: this keg knows version %d", version, Version)
	}
	return s, nil
}

func (s *State) member(scan *jsonscan.Scanner) {
	switch scan.Field(stateFields) {
	case 1:
		jsonscan.String(scan, &s.OCIVersion)
	case 2:
		jsonscan.String(scan, &s.ID)
	case 3:
		jsonscan.Int(scan, &s.Pid)
	case 4:
		jsonscan.Uint64(scan, &s.StartTime)
	case 5:
		jsonscan.String(scan, &s.Bundle)
	case 6:
		jsonscan.String(scan, &s.Rootfs)
	case 7:
		jsonscan.Text[time.Time](scan, &s.Created)
	case 8:
		jsonscan.Int(scan, &s.Owner)
	case 9:
		jsonscan.Map(scan, &s.Annotations, jsonscan.String)
	case 10:
		jsonscan.Slice(scan, &s.Cgroups, decodeCgroup)
	case 11:
		jsonscan.Bool(scan, &s.NoNewKeyring)
	case 12:
		jsonscan.Slice(scan, &s.Hooks, jsonscan.String)
	case 13:
		jsonscan.String(scan, &s.Phase)
	default:
		s.outside(scan)
	}
}

// outside reads what the container has outside of its cgroups and its directory.
func (s *State) outside(scan *jsonscan.Scanner) {
	switch scan.Field(stateFields) {
	case 14:
		jsonscan.String(scan, &s.Resctrl.Dir)
	case 15:
		jsonscan.String(scan, &s.Resctrl.Monitor)
	case 16:
		jsonscan.Bool(scan, &s.Resctrl.Own)
	case 17:
		jsonscan.String(scan, &s.PidFile)
	case 18:
		jsonscan.Int64(scan, &s.MemorySwap)
	case 19:
		jsonscan.String(scan, &s.Unit)
	case 20:
		jsonscan.Bool(scan, &s.UserUnit)
	case 21:
		jsonscan.Bool(scan, &s.DevicesChanged)
	default:
		scan.Skip()
	}
}

var cgroupFields = []string{"controllers", "mount", "path"}

func decodeCgroup(scan *jsonscan.Scanner, c *Cgroup) {
	for ok := scan.Object(); ok && scan.Member(); {
		switch scan.Field(cgroupFields) {
		case 0:
			jsonscan.String(scan, &c.Controllers)
		case 1:
			jsonscan.String(scan, &c.Mount)
		case 2:
			jsonscan.String(scan, &c.Path)
		default:
			scan.Skip()
		}
	}
}
