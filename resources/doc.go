// Package resources turns linux.resources into what is written to the files of
// a cgroup: a pure function of the configuration and of the controllers that
// the cgroup can have. The specification's values are v1's; for v2 they are
// converted as the kernel's documentation, systemd and the other runtimes do.
//
// It writes nothing (package cgroup does) and does not check what is wrong on
// every machine (package spec does).
package resources
