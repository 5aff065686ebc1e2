// Package podman tries Podman with keg as its runtime: its tests are all there
// is. As root and as an ordinary user; in a virtual machine also with cgroup v2
// and systemd.
package podman
