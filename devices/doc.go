// Package devices turns linux.resources.devices into what the kernel enforces:
// the lines of cgroup v1's devices.allow and devices.deny, or a program of type
// BPF_PROG_TYPE_CGROUP_DEVICE for cgroup v2. It is a pure function of the list.
//
// It is not for making device nodes (package plan) and not for loading or
// writing anything (package cgroup).
package devices
