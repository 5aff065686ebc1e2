package main

import (
	"path/filepath"
	"strings"
)

// bootName is what keg does by the name that it was called by: LinuxKit's files
// in /etc/init.d and /etc/shutdown.d are links to one program, whose command is
// part of the name, as in 010-onboot. service is that program's own name.
func bootName(args []string) []string {
	if len(args) == 0 {
		return nil
	}
	name := filepath.Base(args[0])
	if words := firstProcessName(name); words != nil {
		return words
	}
	if words := modprobeName(name, args[1:]); words != nil {
		return words
	}
	if name == "service" {
		if len(args) > 1 && args[1] == "system-init" {
			return append(inBackground(), args[2:]...)
		}
		return append([]string{"boot"}, args[1:]...)
	}
	for _, word := range []string{"onboot", "onshutdown", "volumes"} {
		if strings.Contains(name, word) {
			return append([]string{"boot", word}, args[1:]...)
		}
	}
	if strings.HasSuffix(name, "containerd") { // not containerd-shim-…
		return append(inBackground(), args[1:]...)
	}
	return nil
}

// inBackground: init waits for each of its files.
func inBackground() []string { return []string{"boot", "services", "--detach"} }
