// Package resctrl puts processes into groups of the kernel's resctrl file system,
// which shares out caches and memory bandwidth: Intel RDT, and what other makers
// have like it. Documentation/filesystems/resctrl.rst
//
// It is not for deciding when: a container's group is made, joined and removed
// by package container.
package resctrl
