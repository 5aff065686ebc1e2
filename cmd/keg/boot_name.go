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
		return serviceName(args[1:])
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

// serviceName is LinuxKit's service with its own flags in front of a command: -q,
// as keg says nothing anyway, -v, and the namespace of containerd's that it has
// without the flag. What else there is keg is to refuse by its name.
func serviceName(args []string) []string {
	words := []string{}
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		flag, value, given := strings.Cut(strings.TrimLeft(args[0], "-"), "=")
		n := 1
		switch {
		case flag == "q" && !given:
		case flag == "v" && !given:
			words = append(words, "--debug")
		case flag == "containerd-namespace" && given && value == linuxkitNamespace:
		case flag == "containerd-namespace" && !given && len(args) > 1 && args[1] == linuxkitNamespace:
			n = 2
		default:
			words = append(words, args[0])
		}
		args = args[n:]
	}
	switch {
	case len(args) > 0 && args[0] == "system-init":
		words, args = append(words, inBackground()...), args[1:]
	case len(args) > 0 && args[0] == "help":
		return []string{"help", "boot"}
	default:
		words = append(words, "boot")
	}
	return append(words, args...)
}

// linuxkitNamespace is containerd's, of LinuxKit's services.
const linuxkitNamespace = "services.linuxkit"

// inBackground: init waits for each of its files.
func inBackground() []string { return []string{"boot", "services", "--detach"} }
