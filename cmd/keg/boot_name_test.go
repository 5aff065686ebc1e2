package main

import (
	"slices"
	"strings"
	"testing"
)

// LinuxKit's links, and its command itself.
func TestBootName(t *testing.T) {
	for line, want := range map[string]string{
		"/usr/bin/keg list":                                       "",
		"/usr/bin/runc --debug state x":                           "",
		"/etc/init.d/005-volumes":                                 "boot volumes",
		"/etc/init.d/010-onboot":                                  "boot onboot",
		"/etc/shutdown.d/010-onshutdown":                          "boot onshutdown",
		"/etc/init.d/020-containerd":                              "boot services --detach",
		"containerd-shim-runc-v2 -id x":                           "",
		"service system-init":                                     "boot services --detach",
		"/usr/bin/service start sshd":                             "boot start sshd",
		"/usr/bin/service stop sshd":                              "boot stop sshd",
		"service restart sshd --run-dir /x":                       "boot restart sshd --run-dir /x",
		"service start -sock /s -path /p x":                       "boot start -sock /s -path /p x",
		"service -q start x":                                      "boot start x",
		"service -v system-init --path /p":                        "--debug boot services --detach --path /p",
		"service --containerd-namespace services.linuxkit stop x": "boot stop x",
		"service -containerd-namespace=services.linuxkit stop x":  "boot stop x",
		"service -containerd-namespace=others stop x":             "-containerd-namespace=others boot stop x",
		"service help":                                            "help boot",
		"service":                                                 "boot",
		"/sbin/modprobe -q -- fs-x":                               "boot modprobe -q -- fs-x",
		"modprobe -abq x y":                                       "boot modprobe -abq x y",
	} {
		got := bootName(strings.Fields(line))
		if !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%s: %q; want %s", line, got, want)
		}
	}
	if got := bootName(nil); got != nil {
		t.Errorf("%q", got)
	}
}
