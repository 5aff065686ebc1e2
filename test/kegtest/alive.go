package kegtest

import "github.com/keg-project/keg/linux"

// Alive tells whether a process runs: neither gone nor a zombie.
func Alive(pid int) bool {
	p, err := linux.ProcStat(pid)
	return err == nil && !p.Ended()
}
