// Package sequence runs the bundles of a LinuxKit tree one after another: onboot,
// onshutdown. It has their logs, what is said on the console, and how each has
// ended. It mounts volumes, too.
//
// It is not for one bundle (package bundle), nor for what runs on (package
// service).
package sequence
